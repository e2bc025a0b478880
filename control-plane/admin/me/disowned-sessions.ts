import { Inject, Injectable } from '@nestjs/common';
import type { Disown, Disowned } from '#shared/api/disowned-sessions.js';
import { CodedError } from '#shared/errors.js';
import type { Person } from '../../identity/caller.js';
import { RateLimit } from '../../identity/rate-limit/rate-limit.js';
import { SessionDirectory } from '../../identity/sessions/session-directory.js';
import { MessagingService } from '../../messaging/messaging.service.js';
import type { Actor } from '../actor.js';
import { SessionEndings, type Ending } from '../session-endings.js';

/** Alarms that one person may raise at once, and then in an hour. Sessions can be ended without one, as often as one likes. */
const ALARMS = 5;
const WINDOW_S = 3600;
const PEOPLE = 20_000;

/**
 * “That wasn't me”: sessions of the one who says so end, on a record of its own, and people are told. It takes nothing away
 * that a new sign-in does not give back: whoever stole a session could say it too.
 */
@Injectable()
export class DisownedSessions {
  readonly #alarms = new RateLimit({ burst: ALARMS, perSecond: ALARMS / WINDOW_S, addresses: PEOPLE });

  constructor(
    @Inject(SessionDirectory) private readonly directory: SessionDirectory,
    @Inject(SessionEndings) private readonly endings: SessionEndings,
    @Inject(MessagingService) private readonly messaging: MessagingService,
  ) {}

  /** Throws `not_found` for what is none of their own, and `rate_limited`. The alarm is raised also where ending fails. */
  async disown(actor: Actor, wish: Disown): Promise<Disowned> {
    const { person } = actor.caller.session;
    const ending = {
      ...(await this.#meant(person.id, wish)),
      actor,
      owner: person.id,
      type: 'session.disown',
    } as const;
    if (!this.#alarms.admits(person.id)) throw tooMany();
    const { reference, ended, failure } = await this.endings.endOnRecord(ending);
    this.#announce(person, ending.target, reference, failure === undefined ? ended.length : undefined);
    if (failure !== undefined) throw failure;
    return { ended: [...ended], reference };
  }

  async #meant(person: string, wish: Disown): Promise<Pick<Ending, 'sessions' | 'target'>> {
    const { session: id } = wish;
    if (id === undefined) return { sessions: 'all', target: 'all' };
    const session = (await this.directory.ownSessions(person, [id])).get(id);
    if (!session) throw noSuchSession();
    // One that is over is worth the alarm all the same.
    return { sessions: session.live ? await this.directory.endingWith(id) : [], target: id };
  }

  /** `ended`: undefined where they could not be ended. */
  #announce({ id, email, name }: Person, target: string, record: string, ended: number | undefined): void {
    const shown = email ?? name;
    const which = target === 'all' ? 'of their sessions' : `of session ${target}`;
    this.messaging.announce({
      kind: 'session.disowned',
      at: Date.now(),
      sentence: `${shown ?? id} says ${which}: that wasn't me. ${cameOfIt(ended)} Look at what was done with it.`,
      person: { id, shown },
      subject: target,
      record,
    });
  }
}

function cameOfIt(ended: number | undefined): string {
  if (ended === undefined) return 'Ending failed: end it with `mcp-sso admin sessions end`.';
  if (ended === 0) return 'It had ended before.';
  return ended === 1 ? 'It was ended.' : `${ended} sessions were ended.`;
}

/** The same for one that never was and for somebody else's: nobody learns which. */
function noSuchSession(): CodedError {
  return new CodedError('not_found', { message: 'You had no such session. List what was done as you: mcp-sso me.' });
}

function tooMany(): CodedError {
  return new CodedError('rate_limited', {
    message:
      'You have raised 5 alarms within the hour. Your sessions can be ended without one: mcp-sso me sessions end SESSION.',
  });
}

import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { SessionsService } from './sessions.service.js';

const LOOK_MS = 1_000;
/** Between two questions to the database while notices are heard; while they are not, every look is one. */
const ASK_MS = 5_000;
/** For how long after the last good answer a call may go on. */
const UNANSWERED_MS = 30_000;

export type EndCall = (reason: CodedError) => void;

interface UnderWay {
  readonly calls: Set<EndCall>;
  /** When its session was last known to live, by the steady clock. */
  knownAt: number;
}

/** Asks the database whether the sessions that have calls under way still live: no stream runs on because a notice was lost. */
@Injectable()
export class SessionsUnderWay implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #sessions = new Map<string, UnderWay>();
  #timer: NodeJS.Timeout | undefined;
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;

  constructor(
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(Notifications) private readonly notifications: Notifications,
  ) {}

  onApplicationBootstrap(): void {
    this.notifications.onGap(() => (this.#askedAt = -Infinity));
    this.#timer = setInterval(() => this.look(performance.now()), LOOK_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.answered();
  }

  /** A call of a session that has just been found alive. `end` gets `session_ended` or `session_unconfirmed`. */
  begin(id: string, end: EndCall): Disposable {
    const session = this.#sessions.get(id) ?? { calls: new Set(), knownAt: 0 };
    session.knownAt = performance.now();
    session.calls.add(end);
    this.#sessions.set(id, session);
    return {
      [Symbol.dispose]: () => {
        session.calls.delete(end);
        if (session.calls.size === 0 && this.#sessions.get(id) === session) this.#sessions.delete(id);
      },
    };
  }

  /** `now`: milliseconds of the steady clock. */
  look(now: number): void {
    for (const session of this.#sessions.values()) {
      if (now - session.knownAt > UNANSWERED_MS) endCalls(session, new CodedError('session_unconfirmed'));
    }
    const due = !this.notifications.current || now - this.#askedAt >= ASK_MS;
    if (!due || this.#asking || this.#sessions.size === 0) return;
    this.#askedAt = now;
    this.#asking = this.#ask(now).finally(() => (this.#asking = undefined));
  }

  /** When the question that is out, if there is one, has been dealt with. */
  async answered(): Promise<void> {
    await this.#asking;
  }

  async #ask(now: number): Promise<void> {
    const asked = [...this.#sessions];
    const live = await this.sessions.liveAmong(asked.map(([id]) => id)).catch(() => undefined);
    if (!live) return;
    for (const [id, session] of asked) {
      if (live.has(id)) {
        session.knownAt = Math.max(session.knownAt, now);
        continue;
      }
      this.sessions.hearEnded(id);
      endCalls(session, new CodedError('session_ended'));
    }
  }
}

function endCalls({ calls }: UnderWay, reason: CodedError): void {
  for (const end of calls) end(reason);
}

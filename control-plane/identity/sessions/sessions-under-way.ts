import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { LastUse } from './last-use.js';
import { SessionsService } from './sessions.service.js';

const LOOK_MS = 1_000;
/** Between two questions to the database while notices are heard; while they are not, every look is one. */
const ASK_MS = 5_000;
/** For how long after the last good answer a call may go on. */
const UNANSWERED_MS = 30_000;

export type EndCall = (reason: CodedError) => void;
/** Whether a call has used its session since this was last asked. */
export type IsUse = () => boolean;

interface UnderWay {
  readonly calls: Map<EndCall, IsUse>;
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
    @Inject(LastUse) private readonly lastUse: LastUse,
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
  begin(id: string, end: EndCall, isUse: IsUse = () => false): Disposable {
    const session = this.#sessions.get(id) ?? { calls: new Map(), knownAt: 0 };
    session.knownAt = performance.now();
    session.calls.set(end, isUse);
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
    this.#noteUse(asked);
    const live = await this.sessions.liveAmong(asked.map(([id]) => id)).catch(() => undefined);
    if (!live) return;
    for (const [id, session] of asked) {
      if (live.has(id)) {
        session.knownAt = Math.max(session.knownAt, now);
        await this.#judge(id);
        continue;
      }
      this.sessions.hearEnded(id);
      endCalls(session, new CodedError('session_ended'));
      // Where it ran out, its end is not stored yet.
      await this.sessions.read(id).catch(() => undefined);
    }
  }

  #noteUse(asked: readonly (readonly [id: string, session: UnderWay])[]): void {
    for (const [id, { calls }] of asked) {
      // All are asked: each tells what has come since it was asked before.
      const uses = [...calls.values()].filter((isUse) => isUse());
      if (uses.length > 0) this.lastUse.note(id, Date.now());
    }
  }

  /** By the roles of now, which the database does not know. Out of memory: not while that would be another question each. */
  async #judge(id: string): Promise<void> {
    if (this.notifications.current) await this.sessions.find(id).catch(() => undefined);
  }
}

function endCalls({ calls }: UnderWay, reason: CodedError): void {
  for (const end of calls.keys()) end(reason);
}

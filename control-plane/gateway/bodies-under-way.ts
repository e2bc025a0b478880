import { CodedError } from '#shared/errors.js';

/** Requests of one sign-in that may be arriving at once: its calls, and the notifications that cancel them. */
const PER_SESSION = 64;

/** Bounds the memory that one sign-in can take with bodies that arrive slowly; calls have a bound of their own. */
export class BodiesUnderWay {
  readonly #sessions = new Map<string, number>();

  constructor(private readonly perSession: number = PER_SESSION) {}

  /** Throws `rate_limited`; disposing makes room again. */
  enter(session: string): Disposable {
    const arriving = this.#sessions.get(session) ?? 0;
    if (arriving >= this.perSession) throw new CodedError('rate_limited');
    this.#sessions.set(session, arriving + 1);
    return { [Symbol.dispose]: () => this.#leave(session) };
  }

  #leave(session: string): void {
    const arriving = (this.#sessions.get(session) ?? 1) - 1;
    if (arriving === 0) this.#sessions.delete(session);
    else this.#sessions.set(session, arriving);
  }
}

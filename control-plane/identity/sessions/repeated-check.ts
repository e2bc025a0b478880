import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds before each further question. */
const PAUSES_MS = [1_000, 4_000, 5_000, 5_000, 5_000, 5_000];
/**
 * Milliseconds after which no further question begins: below the 30 s for which IdPs such as Okta accept a used refresh token again, since an answer that
 * was lost on its way may have used up ours.
 */
const LAST_MS = 28_000;
/** Sessions that are asked about again at once; of more, the rest waits for its next refresh. */
const MOST = 10_000;

/** Asks the IdP again after it could not be asked, so that a session which goes on by grace does not find its refresh token worn out. */
export class RepeatedCheck {
  readonly #under = new Set<string>();
  readonly #closing = new AbortController();

  constructor(
    private readonly check: (session: string) => Promise<void>,
    private readonly pauses: readonly number[] = PAUSES_MS,
    private readonly last = LAST_MS,
  ) {}

  /** Resolves when the IdP has answered, or was asked often enough; never rejects. `check`: what else is to be asked. */
  async begin(session: string, check: () => Promise<void> = () => this.check(session)): Promise<void> {
    if (this.#under.has(session) || this.#under.size >= MOST) return;
    this.#under.add(session);
    const last = performance.now() + this.last;
    try {
      for (const pause of this.pauses) {
        await delay(pause, undefined, { ref: false, signal: this.#closing.signal });
        if (performance.now() > last || (await answers(check))) return;
      }
    } catch {
      // Closed meanwhile.
    } finally {
      this.#under.delete(session);
    }
  }

  close(): void {
    this.#closing.abort();
  }
}

/** Why it could not be asked is logged where it was asked. */
async function answers(check: () => Promise<void>): Promise<boolean> {
  return check().then(
    () => true,
    () => false,
  );
}

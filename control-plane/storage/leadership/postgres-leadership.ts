import type { DedicatedConnection, Query } from '../dedicated-connection/dedicated-connection.js';
import { Moment } from '../dedicated-connection/moment.js';
import { Leadership, type Duty } from './leadership.js';

/** Advisory locks, which never change; `write-transaction.ts` has others. */
const LOCKS: Readonly<Record<Duty, number>> = { catalog: 7_401, expiry: 7_402, export: 7_403 };
const TRY_MS = 2_000;
/** Less than the time after which the server gives a silent holder's locks to another. */
const SILENCE_MS = 5_000;

/** One session lock for each duty, held for as long as the dedicated connection lives. */
export class PostgresLeadership extends Leadership {
  readonly #wanted = new Set<Duty>();
  readonly #held = new Set<Duty>();
  #tried: Moment | undefined;

  constructor(private readonly connection: DedicatedConnection) {
    super();
    connection.onBeat((query) => this.#claim(query));
    connection.onLost(() => this.#lose());
  }

  holds(duty: Duty): boolean {
    return this.#held.has(duty) && this.connection.alive(SILENCE_MS);
  }

  /** Only who waits for a duty is a candidate: a command of the operator never leads. */
  override onGained(duty: Duty, listener: () => void): void {
    super.onGained(duty, listener);
    this.#wanted.add(duty);
    this.#tried = undefined;
    this.connection.start();
  }

  async #claim(query: Query): Promise<void> {
    if (this.#tried && this.#tried.age() < TRY_MS) return;
    this.#tried = new Moment();
    for (const duty of this.#wanted) {
      if (this.#held.has(duty)) continue;
      const [row] = await query<{ won: boolean }>('select pg_try_advisory_lock($1) as won', [LOCKS[duty]]);
      if (row?.won !== true) continue;
      this.#held.add(duty);
      this.gained(duty);
    }
  }

  #lose(): void {
    this.#held.clear();
    this.#tried = undefined;
  }
}

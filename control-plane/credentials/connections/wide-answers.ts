/** Milliseconds for which an authorization server that gave more than was asked for is not asked again. */
const QUIET = 60_000;
/** Milliseconds after which operators hear of it no more. */
const FORGOTTEN = 3_600_000;
const MAX_KEPT = 10_000;

interface WideAnswer {
  readonly server: string;
  readonly scopes: readonly string[];
  readonly at: number;
}

/** Authorization servers that gave a token for more than was asked for, by connection. Of more than 10,000 the oldest goes. */
export class WideAnswers {
  readonly #known = new Map<string, WideAnswer>();

  note(connection: string, server: string, scopes: readonly string[], at: number): void {
    const key = keyOf(connection, scopes);
    this.#known.delete(key);
    this.#known.set(key, { server, scopes, at });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KEPT && oldest !== undefined) this.#known.delete(oldest);
  }

  /** It gives what it is asked for. */
  forget(connection: string, scopes: readonly string[]): void {
    this.#known.delete(keyOf(connection, scopes));
  }

  isRecent(connection: string, scopes: readonly string[], now: number): boolean {
    const known = this.#known.get(keyOf(connection, scopes));
    return known !== undefined && now < known.at + QUIET;
  }

  /** For operators: one sentence for each server. */
  notes(now: number): readonly string[] {
    const recent = [...this.#known.values()].filter(({ at }) => now < at + FORGOTTEN);
    return [...new Map(recent.map((answer) => [answer.server, answer])).values()].map(
      ({ server, scopes, at }) =>
        `The credential of ${server} (oauth), ${new Date(at).toISOString()}: ${wideReason(scopes)}`,
    );
  }
}

/** For operators. */
export function wideReason(scopes: readonly string[]): string {
  return `the authorization server gives a token for more than the scopes that a tool may have (${scopes.join(' ')}), so calls of it are denied; have it honor scope at a refresh (RFC 6749 section 6), or remove tools.*.scopes`;
}

function keyOf(connection: string, scopes: readonly string[]): string {
  return JSON.stringify([connection, scopes]);
}

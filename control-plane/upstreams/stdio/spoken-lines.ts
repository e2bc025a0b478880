/** A line that a hosted server said beside its messages: on stderr, or what on stdout was no message. */
export interface SpokenLine {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly pid: number | null;
  readonly text: string;
}

type Heard = SpokenLine & { readonly mask: (text: string) => string };

const KEPT_LINES = 200;
const LINE_LENGTH = 1_000;

/** The last lines of each hosted server, of all its processes, kept beyond their end. */
export class SpokenLines {
  readonly #servers = new Map<string, Heard[]>();

  constructor(private readonly now: () => number = Date.now) {}

  add(server: string, pid: number | undefined, text: string, mask: (text: string) => string): void {
    const lines = this.#servers.get(server) ?? [];
    lines.push({ at: this.now(), pid: pid ?? null, text, mask });
    if (lines.length > KEPT_LINES) lines.shift();
    this.#servers.set(server, lines);
  }

  /** Of other servers nothing is kept. */
  keep(servers: readonly string[]): void {
    for (const server of this.#servers.keys()) if (!servers.includes(server)) this.#servers.delete(server);
  }

  /** Oldest first, masked: a server may repeat what it was asked with. Masked before it is cut: half a secret would not be found. */
  of(server: string): SpokenLine[] {
    const lines = this.#servers.get(server) ?? [];
    return lines.map(({ at, pid, text, mask }) => ({ at, pid, text: mask(text).slice(0, LINE_LENGTH) }));
  }
}

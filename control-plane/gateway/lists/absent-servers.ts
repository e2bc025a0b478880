import { asCoded, CodedError } from '#shared/errors.js';

/** Milliseconds that a server which let a list wait in vain may take of the next ones, until it answers. */
const IMPATIENCE = 500;

/** Servers that are missing in joined lists: a silent one delays a list once, and whoever comes back is announced. */
export class AbsentServers {
  readonly #absent = new Set<string>();
  readonly #silent = new Set<string>();

  constructor(private readonly onReturn: (server: string) => void) {}

  /**
   * The server's answer, awaited for `patience` milliseconds at most; after that it goes on in the background, so that
   * the server is found again. Throws what the answer throws, and `upstream_timeout`.
   */
  async wait<T>(server: string, answer: Promise<T>, patience: number): Promise<T> {
    answer.then(
      () => this.#answered(server),
      (error: unknown) => this.#failed(server, asCoded(error)),
    );
    const late = Promise.withResolvers<never>();
    const wait = this.#silent.has(server) ? Math.min(IMPATIENCE, patience) : patience;
    const timer = setTimeout(() => {
      this.#absent.add(server);
      late.reject(new CodedError('upstream_timeout', { detail: `no answer within ${wait} ms` }));
    }, wait);
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #answered(server: string): void {
    this.#silent.delete(server);
    if (this.#absent.delete(server)) this.onReturn(server);
  }

  #failed(server: string, { code }: CodedError): void {
    // The client went away, or its sign-in ended; that says nothing of the server.
    if (code === 'interrupted' || code === 'session_ended' || code === 'shutting_down') return;
    this.#absent.add(server);
    if (code === 'upstream_timeout') this.#silent.add(server);
  }
}

import { connect, type Socket } from 'node:net';
import { AnswerReader, type Answer } from './answer-reader.js';
import type { LoadJob } from './job.js';

/** One connection that sends a request and waits for its answer, over and over. */
export interface Caller {
  /** The next answer; undefined where the credentials are used up. */
  call(): Promise<Answer | undefined>;
  close(): void;
}

/** Speaks HTTP/1.1 over a raw socket, as cheaply as Node can. */
export class HttpCaller implements Caller {
  readonly #socket: Socket;
  readonly #reader: AnswerReader;
  readonly #heads: readonly string[];
  #made = 0;

  constructor(
    { url, paths, host, headers }: Pick<LoadJob, 'url' | 'paths' | 'host' | 'headers'>,
    private readonly body: string,
    private readonly ownLines: () => string | undefined,
  ) {
    const { hostname, port, pathname, search } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.setNoDelay(true);
    this.#reader = new AnswerReader(this.#socket);
    const rest = `host: ${host}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n`;
    this.#heads = (paths ?? [pathname + search]).map((path) => `POST ${path} HTTP/1.1\r\n${rest}`);
  }

  async call(): Promise<Answer | undefined> {
    const lines = this.ownLines();
    if (lines === undefined) return undefined;
    const head = this.#heads[this.#made++ % this.#heads.length]!;
    const answer = this.#reader.next();
    this.#socket.write(`${head}${lines}\r\n${this.body}`);
    return await answer;
  }

  close(): void {
    this.#socket.destroy();
  }
}

import type { Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** The first 300 characters, for a failure's text. */
  readonly head: string;
  /** The body is a JSON-RPC error or an error result. */
  readonly fault: boolean;
}

const HEAD_END = '\r\n\r\n';
const CHUNKS_END = '0\r\n\r\n';

/** Reads HTTP/1.1 answers from a socket, one at a time; knows Content-Length and chunked, and nothing else. */
export class AnswerReader {
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes of the answer: known once its head is there; -1 for a chunked one. */
  #expected: number | undefined;
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.once('error', (error) => this.#waiting?.reject(error));
    socket.once('close', () => this.#waiting?.reject(new Error('the connection closed')));
  }

  next(): Promise<Answer> {
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    this.#expected ??= expectedSize(this.#start());
    if (this.#expected === undefined) return;
    const complete = this.#expected < 0 ? endsChunks(this.#chunks) : this.#size >= this.#expected;
    if (complete) this.#finish();
  }

  #start(): string {
    return (this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)).toString('latin1', 0, 4_096);
  }

  #finish(): void {
    const head = this.#start();
    this.#chunks = [];
    this.#size = 0;
    this.#expected = undefined;
    const fault = head.includes('"isError":true') || head.includes('"error":{');
    this.#waiting?.resolve({ status: Number(head.slice(9, 12)), head: head.slice(0, 300), fault });
  }
}

function expectedSize(start: string): number | undefined {
  const end = start.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(start.slice(0, end))?.[1];
  return length === undefined ? -1 : end + HEAD_END.length + Number(length);
}

function endsChunks(chunks: readonly Buffer[]): boolean {
  return Buffer.concat(chunks.slice(-CHUNKS_END.length)).toString('latin1').endsWith(CHUNKS_END);
}

import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { answerIn, mediaType, type HttpOutcome } from './http-answer.js';
import type { HeaderLine, Throw } from './http-throws.js';

/** What came of a throw: an answer, an end without one, or silence where there must be an answer. */
export type Outcome = HttpOutcome | 'nothing' | 'silence';

/** Milliseconds in which an answer that has an end must have ended, the start of a hosted server included. */
const PATIENCE = 90_000;
/** Milliseconds of silence after which nobody listens to a stream any more. */
const QUIET = 300;

/** Takes throws to the gateway: over connections that all people share, as behind a proxy, or over one of its own. */
export class Deliveries {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 12 });

  constructor(private readonly port: number) {}

  async send(thrown: Throw, credentials: Readonly<Record<string, string>>): Promise<Outcome> {
    const lines = [...thrown.headers, ...Object.entries(credentials)];
    const late = new AbortController();
    const deadline = setTimeout(() => late.abort(), PATIENCE);
    try {
      const pooled = thrown.delivery === 'pooled' ? await this.#overPool(thrown, lines, late.signal) : undefined;
      const outcome = pooled ?? (await this.#overSocket(thrown, lines, late.signal));
      return late.signal.aborted ? 'silence' : outcome;
    } finally {
      clearTimeout(deadline);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Undefined where no client would send it, so that it has to go over a socket. */
  #overPool(
    { method, path, body, open }: Throw,
    lines: readonly HeaderLine[],
    signal: AbortSignal,
  ): Promise<Outcome> | undefined {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const host: HeaderLine = ['host', `127.0.0.1:${this.port}`];
    const length: HeaderLine = ['content-length', String(body.length)];
    const headers = [host, ...lines, length].flat();
    try {
      const sent = request({ agent: this.#agent, port: this.port, method, path, headers, signal });
      sent.on('error', () => resolve('nothing'));
      sent.on('response', (response) => void answered(response).then(resolve));
      if (open) sent.setTimeout(QUIET, () => sent.destroy());
      sent.end(body);
      return promise;
    } catch {
      return undefined;
    }
  }

  #overSocket(thrown: Throw, lines: readonly HeaderLine[], signal: AbortSignal): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const { delivery } = thrown;
    // Whoever says too little may have to wait long for an answer, and does not.
    const impatient = thrown.open || delivery === 'stops' || delivery === 'bad-chunk';
    const received: Buffer[] = [];
    const [first, second] = piecesOf(thrown, lines, this.port);
    const socket = connect(this.port, '127.0.0.1', () => {
      socket.write(first, () => {
        if (delivery === 'cut') socket.destroy();
        else if (second.length > 0) socket.write(second);
        if (delivery === 'leaves') socket.destroy();
      });
    });
    socket.on('data', (chunk: Buffer) => void received.push(chunk));
    socket.on('error', () => undefined);
    if (impatient) socket.setTimeout(QUIET, () => socket.destroy());
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.on('close', () => resolve(answerIn(Buffer.concat(received)) ?? 'nothing'));
    return promise;
  }
}

/** What is sent, and what is sent after it. */
function piecesOf(
  { method, path, body, delivery }: Throw,
  lines: readonly HeaderLine[],
  port: number,
): [Buffer, Buffer] {
  const half = body.length >> 1;
  const head = (framing: string): Buffer => {
    const own: HeaderLine[] = [
      ['host', `127.0.0.1:${port}`],
      ['connection', 'close'],
    ];
    const all = [...own, ...lines].map(([name, value]) => `${name}: ${value}\r\n`).join('');
    return Buffer.from(`${method} ${path} HTTP/1.1\r\n${all}${framing}\r\n\r\n`, 'latin1');
  };
  const length = head(`content-length: ${body.length}`);
  switch (delivery) {
    case 'chunked': {
      const parts = [body.subarray(0, half), body.subarray(half)].filter((part) => part.length > 0);
      const end = Buffer.from('0\r\n\r\n');
      return [head('transfer-encoding: chunked'), Buffer.concat([...parts.map(chunkOf), end])];
    }
    case 'bad-chunk':
      return [head('transfer-encoding: chunked'), Buffer.concat([Buffer.from('fffffffffffffff\r\n'), body])];
    case 'stops':
      return [head(`content-length: ${body.length + 100}`), body];
    case 'too-much':
      return [length, Buffer.concat([body, Buffer.from('GET /mcp HTTP/1.1\r\nhost: x\r\n\r\n')])];
    case 'halves':
    case 'cut':
      return [Buffer.concat([length, body.subarray(0, half)]), body.subarray(half)];
    case 'pooled':
    case 'whole':
    case 'leaves':
      return [Buffer.concat([length, body]), Buffer.alloc(0)];
    default:
      return delivery satisfies never;
  }
}

function chunkOf(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

async function answered(response: IncomingMessage): Promise<HttpOutcome> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch {
    // It was cut, as `complete` says.
  }
  const body = Buffer.concat(chunks).toString();
  const { statusCode = 0, headers, complete, rawHeaders } = response;
  return {
    status: statusCode,
    type: mediaType(headers['content-type']),
    body,
    complete,
    raw: rawHeaders.join('\n') + body,
  };
}

import { Agent, request, type Dispatcher } from 'undici';
import { DeliveryFailure } from './delivery-failure.js';
import { answerFailure } from './answer-failure.js';

const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;
/** Of an answer; what is longer counts as unread. */
const MOST_BYTES = 1_048_576;

export interface Outgoing {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Undefined where it could not be read to its end. */
  readonly text: string | undefined;
}

/** One request to an address of the settings, whatever the answer. Redirects are not followed. */
export type Exchange = (url: string, outgoing: Outgoing, signal: AbortSignal) => Promise<Answer>;

/** The same, where only a status of 200 to 299 counts. */
export type Send = Exchange;

/**
 * `ca`: certificates of authorities (PEM) in place of the usual ones, read at each request.
 * @throws DeliveryFailure from the function that it makes, where nobody answers.
 */
export function exchanger(ca?: () => Promise<string>): Exchange {
  const shared = ca === undefined ? agent() : undefined;
  return async (url, { method, headers, body = null }, signal) => {
    const dispatcher = shared ?? agent(await ca?.());
    try {
      const options = { dispatcher, method, headers: { ...headers }, body, signal };
      const { statusCode, headers: answered, body: said } = await request(url, options).catch(unreached);
      const text = await textOf(said).catch(() => undefined);
      return { status: statusCode, retryAfter: answered['retry-after']?.toString(), text };
    } finally {
      if (dispatcher !== shared) await dispatcher.destroy();
    }
  };
}

/** As `exchanger`. @throws DeliveryFailure from the function that it makes. */
export function sender(ca?: () => Promise<string>): Send {
  return onlyTaken(exchanger(ca));
}

export function onlyTaken(exchange: Exchange): Send {
  return async (url, outgoing, signal) => {
    const answer = await exchange(url, outgoing, signal);
    if (answer.status >= 200 && answer.status <= 299) return answer;
    throw answerFailure(answer.status, answer.retryAfter, Date.now());
  };
}

function agent(ca?: string): Agent {
  const connect = { timeout: CONNECT_MS, ...(ca === undefined ? {} : { ca }) };
  // 0: no connection outlives its answer.
  return new Agent({ connect, pipelining: 0, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS });
}

async function textOf(said: Dispatcher.ResponseData['body']): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of said as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** By its code alone: a message may hold the address, whose path is often a secret. */
function unreached(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const name = error instanceof Error ? error.name : 'unknown';
  throw new DeliveryFailure(`it was not reached (${code ?? name})`, { cause: error });
}

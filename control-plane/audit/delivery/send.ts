import { Agent, request } from 'undici';
import { DeliveryFailure } from './delivery-failure.js';
import { answerFailure } from './answer-failure.js';

const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;
/** Of the answer, which says nothing that we read. */
const MOST_BYTES = 16_384;

export interface Outgoing {
  readonly method: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** One request to an address of the settings. Redirects are not followed; only a status of 200 to 299 counts. */
export type Send = (url: string, outgoing: Outgoing, signal: AbortSignal) => Promise<void>;

/**
 * `ca`: certificates of authorities (PEM) in place of the usual ones, read at each request.
 * @throws DeliveryFailure from the function that it makes.
 */
export function sender(ca?: () => Promise<string>): Send {
  const shared = ca === undefined ? agent() : undefined;
  return async (url, { method, headers, body }, signal) => {
    const dispatcher = shared ?? agent(await ca?.());
    try {
      const answer = await request(url, { dispatcher, method, headers: { ...headers }, body, signal }).catch(unreached);
      answer.body.on('error', () => undefined);
      await answer.body.dump({ limit: MOST_BYTES, signal }).catch(() => undefined);
      const { statusCode, headers: answered } = answer;
      if (statusCode >= 200 && statusCode <= 299) return;
      throw answerFailure(statusCode, answered['retry-after']?.toString(), Date.now());
    } finally {
      if (dispatcher !== shared) await dispatcher.destroy();
    }
  };
}

function agent(ca?: string): Agent {
  const connect = { timeout: CONNECT_MS, ...(ca === undefined ? {} : { ca }) };
  // 0: no connection outlives its answer.
  return new Agent({ connect, pipelining: 0, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS });
}

/** By its code alone: a message may hold the address, whose path is often a secret. */
function unreached(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const name = error instanceof Error ? error.name : 'unknown';
  throw new DeliveryFailure(`it was not reached (${code ?? name})`, { cause: error });
}

import { Agent, request } from 'undici';
import type { WebhookSettings } from '../../config/notification-settings.js';
import { webhookKey } from '../../config/webhook-key.js';
import { ChannelFailure, type Channel } from '../channel.js';
import type { Message } from '../message.js';
import { signatureHeaders } from './signature.js';

const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;
/** Of the answer, which says nothing that we read. */
const MOST_BYTES = 16_384;

interface WebhookOptions {
  readonly name: string;
  readonly settings: Pick<WebhookSettings, 'url' | 'events'>;
  /** Read at each attempt, so that a new one needs no restart. */
  readonly secret: () => Promise<string>;
  /** Certificates of authorities, PEM, instead of the usual ones. */
  readonly ca?: string;
}

/** Tells one address over HTTP, signed (Standard Webhooks 1.0). Redirects are not followed; only a status of 200 to 299 counts. */
export function webhookChannel({ name, settings, secret, ca }: WebhookOptions): Channel {
  const { url, events } = settings;
  const connect = { timeout: CONNECT_MS, ...(ca ? { ca } : {}) };
  // 0: no connection outlives its answer.
  const dispatcher = new Agent({ connect, pipelining: 0, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS });
  const ask = async (options: AskOptions): Promise<number> => {
    const { statusCode, body } = await request(url, { dispatcher, ...options });
    body.on('error', () => undefined);
    await body.dump({ limit: MOST_BYTES, signal: options.signal }).catch(() => undefined);
    return statusCode;
  };
  return {
    name,
    events: events && new Set(events),
    async send(id: string, message: Message, signal: AbortSignal): Promise<void> {
      const key = webhookKey(await secret().catch(unreadable));
      if (!key) throw new ChannelFailure('the secret is not whsec_ with 24 to 64 bytes in base64');
      const body = JSON.stringify(message);
      const headers = { 'content-type': 'application/json', ...signatureHeaders(key, id, body, Date.now()) };
      const status = await ask({ method: 'POST', headers, body, signal }).catch(unreached);
      if (status < 200 || status > 299) throw new ChannelFailure(`answered with status ${status}`);
    },
    async probe(signal: AbortSignal): Promise<void> {
      await ask({ method: 'HEAD', signal }).catch(unreached);
    },
  };
}

interface AskOptions {
  readonly method: 'POST' | 'HEAD';
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

function unreadable(): never {
  throw new ChannelFailure('the secret cannot be read');
}

/** By its code alone: a message may hold the address, whose path is often a secret. */
function unreached(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const name = error instanceof Error ? error.name : 'unknown';
  throw new ChannelFailure(`not reached (${code ?? name})`, { cause: error });
}

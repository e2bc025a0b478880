import { CodedError } from '#shared/errors.js';
import { JSON_TYPE, STREAM_TYPE } from '#shared/mcp/headers.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { discard, parseMessage, readWhole } from './answer-body.js';
import type { BodyConsumer, Exchange, ResponseBody, ResponseHead } from './exchange.js';
import { refusalOf } from './refusal.js';
import type { UpstreamAnswer } from './upstream-request.js';

/** `errorCode`: of JSON-RPC, where the server refused the request with an HTTP error. */
export type BegunAnswer = Pick<UpstreamAnswer, 'form' | 'body' | 'status'> & { readonly errorCode?: number };

const ERROR_BODY_LIMIT = 64 * 1024;

/** Errors about the hop between us and the upstream, which mean nothing to the client: its revision is not ours. */
const OUR_HOP = new Set([-32022]);

/** Turns a response head into an answer, or the coded error that it stands for. */
export async function answerOf(exchange: Exchange, head: ResponseHead): Promise<BegunAnswer> {
  const { status } = head;
  const refusal = refusalOf(head);
  if (refusal !== undefined) {
    discard(exchange);
    throw refusal;
  }
  if (status >= 400) return await errorAnswer(exchange, status);
  const form = status === 200 && plainEncoding(head) ? formOf(head) : undefined;
  if (form !== undefined) return { form, body: exchange };
  discard(exchange);
  throw new CodedError('upstream_invalid', { detail: `HTTP ${status}, no MCP content` });
}

export function formOf(head: ResponseHead): 'json' | 'events' | undefined {
  const type = String(head.headers['content-type'] ?? '')
    .split(';')[0]!
    .trim()
    .toLowerCase();
  if (type === STREAM_TYPE) return 'events';
  return type === JSON_TYPE ? 'json' : undefined;
}

function plainEncoding(head: ResponseHead): boolean {
  return ['identity', undefined].includes(head.headers['content-encoding'] as string | undefined);
}

async function errorAnswer(exchange: Exchange, status: number): Promise<BegunAnswer> {
  const bytes = await readWhole(exchange, ERROR_BODY_LIMIT, true);
  const error = parseMessage(bytes)?.['error'];
  if (isObject(error) && !OUR_HOP.has(Number(error['code'])))
    return { form: 'json', body: new WholeBody(bytes), status, errorCode: Number(error['code']) };
  if (status < 500) throw new CodedError('upstream_invalid', { detail: `HTTP ${status}` });
  throw new CodedError('outcome_unknown', {
    message: 'The MCP server failed while it handled the call. It is not known whether it took effect.',
    detail: `HTTP ${status}`,
  });
}

/** A body that has arrived already. */
class WholeBody implements ResponseBody {
  constructor(private readonly bytes: Buffer) {}

  read(consumer: BodyConsumer): void {
    consumer.data(this.bytes);
    consumer.end();
  }

  resume(): void {}
  abort(): void {}
}

import { CodedError } from '#shared/errors.js';
import { liftRequest } from '#shared/mcp/eras.js';
import { modernHeaders } from '#shared/mcp/headers.js';
import type { JsonObject, JsonRpcNotification, JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { formOf } from './answer.js';
import { discard, parseMessage, readResponseEvent, readWhole } from './answer-body.js';
import type { Connections, HttpRequest } from './connections.js';
import { eraVerdict } from './era-verdict.js';
import type { Exchange, ResponseHead } from './exchange.js';
import { PRODUCT } from '../observability/product.js';
import { refusalOf } from './refusal.js';
import { traceHeaders } from './trace-headers.js';
import type { UpstreamRequest, UpstreamScope } from './upstream-request.js';

export interface Discovery {
  readonly era: Era;
  /** The `server/discover` result of a modern server. */
  readonly result: JsonObject | undefined;
}

type ModernMessage = UpstreamScope &
  Pick<UpstreamRequest, 'paramHeaders'> & { readonly message: JsonRpcRequest | JsonRpcNotification };

const DISCOVERY_LIMIT = 1024 * 1024;

export function postModern(
  connections: Connections,
  url: string,
  request: ModernMessage,
  how: Pick<HttpRequest, 'idle' | 'stream'> = {},
): Exchange {
  const { message, access, paramHeaders } = request;
  return connections.send(
    {
      method: 'POST',
      url,
      query: access.query,
      headers: { ...traceHeaders(message), ...paramHeaders, ...modernHeaders(message), ...access.headers },
      body: JSON.stringify(message),
      sign: access.sign,
      ...how,
    },
    request.signal,
  );
}

/** Asks `server/discover`. Throws `upstream_refused` or `upstream_unreachable` where the answer says nothing of the era. */
export async function discover(
  connections: Connections,
  url: string,
  scope: UpstreamScope,
  idle: number,
): Promise<Discovery> {
  const message = liftRequest<JsonRpcRequest>(
    { jsonrpc: '2.0', id: 'discover', method: 'server/discover' },
    { clientInfo: { ...PRODUCT }, capabilities: {} },
  );
  const exchange = postModern(connections, url, { ...scope, message }, { idle });
  const head = await exchange.head;
  const answer = await answerMessage(exchange, head);
  const era = eraVerdict(head.status, answer);
  if (era !== undefined) return { era, result: isObject(answer?.['result']) ? answer['result'] : undefined };
  throw refusalOf(head) ?? new CodedError('upstream_unreachable', { detail: `HTTP ${head.status}` });
}

async function answerMessage(exchange: Exchange, head: ResponseHead): Promise<JsonObject | undefined> {
  const form = formOf(head);
  if (form === 'json') return parseMessage(await readWhole(exchange, DISCOVERY_LIMIT));
  if (form === 'events' && head.status === 200) return await readResponseEvent(exchange, DISCOVERY_LIMIT);
  discard(exchange);
  return undefined;
}

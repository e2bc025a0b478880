import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { CodedError } from '#shared/errors.js';
import { BATCH_VERSION, BATCHES_REFUSED } from '#shared/mcp/batch.js';
import { hasEnvelope } from '#shared/mcp/eras.js';
import { HEADERS, mismatchedHeader } from '#shared/mcp/headers.js';
import type { JsonObject, JsonRpcNotification, JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { LEGACY_VERSIONS, META, MODERN_VERSION, type Era } from '#shared/mcp/meta.js';
import type { Limits } from '../../config/limits.js';
import { admit, requireJsonBody } from './admission.js';
import { readBody } from './body.js';
import { MessageFault } from './message-fault.js';
import { parseBody, type ParsedMessage } from './parse-message.js';

/** A message whose form and headers are in order; nothing is known yet of who sent it. `bytes`: of the body that it came in. */
export type ReceivedMessage =
  | { readonly kind: 'request'; readonly era: Era; readonly message: JsonRpcRequest; readonly bytes: number }
  | {
      readonly kind: 'notification';
      readonly era: Era;
      readonly message: JsonRpcNotification;
      readonly bytes: number;
    }
  | { readonly kind: 'response'; readonly era: Era; readonly message: JsonObject; readonly bytes: number };

export type ReceivedRequest = Extract<ReceivedMessage, { kind: 'request' }>;

/** Whether the session has batches is not known yet either. */
export interface ReceivedBatch {
  readonly kind: 'batch';
  readonly era: 'legacy';
  readonly messages: readonly ReceivedMessage[];
}

export type Received = ReceivedMessage | ReceivedBatch;

/**
 * Step 1: size, JSON, era, and headers that must match the body. `enter` makes room for the body, or throws where it
 * is not worth reading.
 */
export async function receive(
  request: IncomingMessage,
  publicUrl: string,
  limits: Pick<Limits, 'requestBytes' | 'bodySeconds' | 'nesting' | 'batchMessages'>,
  enter: () => Disposable,
): Promise<Received> {
  admit(request.headers, publicUrl);
  using _place = enter();
  requireJsonBody(request.headers);
  const { headers } = request;
  const body = await readBody(request, limits);
  const parsed = parseBody(body, limits);
  if (parsed.kind !== 'batch') return withEra(headers, parsed, body.length);
  const version = headers[HEADERS.protocolVersion] ?? BATCH_VERSION;
  if (version !== BATCH_VERSION || parsed.messages.some((message) => eraOf(headers, message) === 'modern')) {
    throw new CodedError('request_invalid', { message: BATCHES_REFUSED });
  }
  return {
    kind: 'batch',
    era: 'legacy',
    messages: parsed.messages.map((message) => withEra(headers, message, body.length)),
  };
}

function withEra(headers: IncomingHttpHeaders, parsed: ParsedMessage, bytes: number): ReceivedMessage {
  const era = eraOf(headers, parsed);
  if (parsed.kind === 'request') {
    if (era === 'modern') requireEnvelope(headers, parsed.message);
    else requireLegacyVersion(headers, parsed.message);
  }
  return { ...parsed, era, bytes };
}

function eraOf(headers: IncomingHttpHeaders, { kind, message }: ParsedMessage): Era {
  const modern =
    headers[HEADERS.protocolVersion] === MODERN_VERSION ||
    (kind !== 'response' && (hasEnvelope(message.params) || message.method === 'server/discover'));
  return modern ? 'modern' : 'legacy';
}

function requireEnvelope(headers: IncomingHttpHeaders, message: JsonRpcRequest): void {
  const { id, params } = message;
  const meta = isObject(params?.['_meta']) ? params['_meta'] : {};
  const version = meta[META.protocolVersion];
  if (typeof version !== 'string' || !isObject(meta[META.clientCapabilities])) {
    const keys = `${META.protocolVersion} and ${META.clientCapabilities}`;
    throw new MessageFault('params_invalid', { id, message: `Every request needs ${keys} in \`params._meta\`.` });
  }
  const header = mismatchedHeader(headers, message);
  if (header !== undefined) {
    throw new MessageFault('header_mismatch', {
      id,
      message: `The header ${header} is missing or contradicts the body.`,
    });
  }
  if (version !== MODERN_VERSION) throw unsupported(version, message);
}

function requireLegacyVersion(headers: IncomingHttpHeaders, message: JsonRpcRequest): void {
  const version = headers[HEADERS.protocolVersion];
  if (version === undefined || message.method === 'initialize') return;
  if (!LEGACY_VERSIONS.some((known) => known === version)) throw unsupported(String(version), message);
}

function unsupported(requested: string, { id, params }: JsonRpcRequest): MessageFault {
  const supported = hasEnvelope(params) ? [MODERN_VERSION] : [MODERN_VERSION, ...LEGACY_VERSIONS];
  return new MessageFault('protocol_unsupported', { id, data: { supported, requested: requested.slice(0, 100) } });
}

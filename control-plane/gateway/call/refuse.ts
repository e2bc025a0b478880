import type { IncomingHttpHeaders } from 'node:http';
import { SCOPES } from '#shared/api/paths.js';
import { asCoded, CodedError, type ErrorCode } from '#shared/errors.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { challenge } from '../../identity/challenge.js';
import type { ClientResponse } from '../relay/client-response.js';
import { metadataUrl } from './identify.js';
import { MessageFault } from './message-fault.js';

/** Errors that HTTP itself must show; every other one of an identified call is a JSON-RPC error in a 200. */
const HTTP_ERRORS = new Set<ErrorCode>([
  'request_unparsable',
  'request_invalid',
  'header_mismatch',
  'protocol_unsupported',
  'request_too_large',
  'origin_refused',
  'policy_denied',
  'policy_failed',
  'rate_limited',
  'sign_in_needed',
  'token_invalid',
  'dpop_invalid',
  'session_ended',
  'session_unconfirmed',
  'scope_insufficient',
  'step_up_needed',
  'idp_unreachable',
  'audit_unavailable',
  'database_unavailable',
  'shutting_down',
  'not_found',
  'internal',
]);
/** Where only a modern client expects a status: to a legacy one, 404 would mean that its session is gone. */
const MODERN_HTTP_ERRORS = new Set<ErrorCode>(['method_unknown', 'params_invalid', 'request_state_invalid']);

/** What was known of a request when it was refused. */
export interface Refused {
  readonly publicUrl: string;
  readonly server: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly era: Era | undefined;
  readonly id: RequestId | undefined;
  readonly identified: boolean;
  /** The call may have reached its server. An HTTP error would say that nothing was done, and clients would send it again. */
  readonly sent?: boolean;
}

/** Answers a request that came to nothing. */
export function refuse(client: ClientResponse, refused: Refused, thrown: unknown, data?: JsonObject): void {
  const error = strangersSignInFirst(asCoded(thrown), refused);
  if (error.code === 'interrupted') {
    client.endWithoutResponse();
    return;
  }
  const fault = error instanceof MessageFault ? error : undefined;
  const extra = { ...fault?.data, ...data };
  client.sendError(fault?.id ?? refused.id, error, refused.sent ? 200 : statusOf(error.code, refused.era), {
    data: extra,
    headers: refused.sent ? {} : headersOf(error, refused),
  });
}

/** Who brings no token learns how to get one, whatever else is wrong with the request. */
function strangersSignInFirst(error: CodedError, { identified, headers }: Refused): CodedError {
  const stranger = !identified && headers.authorization === undefined;
  const first: readonly ErrorCode[] = ['origin_refused', 'request_too_large', 'rate_limited', 'shutting_down'];
  return stranger && !first.includes(error.code) ? new CodedError('sign_in_needed') : error;
}

function statusOf(code: ErrorCode, era: Era | undefined): number {
  const { form } = new CodedError(code);
  const shown = HTTP_ERRORS.has(code) || (era !== 'legacy' && MODERN_HTTP_ERRORS.has(code));
  return shown ? form.http : 200;
}

function headersOf(error: CodedError, { publicUrl, server }: Refused): Record<string, string | string[]> {
  // What is left of a body that was too large is not read, so this connection cannot carry another request.
  if (error.code === 'request_too_large') return { connection: 'close' };
  if (error.form.http !== 401 && error.code !== 'scope_insufficient') return {};
  const reason = error.code === 'sign_in_needed' ? undefined : error;
  return { 'www-authenticate': challenge(reason, metadataUrl(publicUrl, server), SCOPES.mcp) };
}

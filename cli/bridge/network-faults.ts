import { CodedError, ERRORS } from '#shared/errors.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';

/** The connection ended after the request had been sent, so it may have taken effect. */
export function outcomeUnknown(detail: string): CodedError {
  return new CodedError('outcome_unknown', { detail });
}

/** What the system says of a server that is not there for the moment. */
const PASSING = new Set<unknown>(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/** Nothing was sent, and a moment later it may be different. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof CodedError) || error.code !== 'network') return false;
  return PASSING.has((error.cause as NodeJS.ErrnoException | undefined)?.code);
}

/** Adds what is known of the request to a failure that came before it was sent. */
export function notSent(error: CodedError): CodedError {
  const { code, message, detail, cause, form } = error;
  if (code === 'outcome_unknown' || form.http === 401) return error;
  const parts = { message: `${message} The request was not sent.`, cause };
  return new CodedError(code, detail === undefined ? parts : { ...parts, detail });
}

/** Where answers to a server's questions could not be sent, the call itself is at the server all the same. */
export function afterFirstRound(error: unknown): unknown {
  return error instanceof CodedError && error.code === 'network' ? outcomeUnknown(error.message) : error;
}

/** Refusals of a control plane that, by their HTTP status, did nothing, and may do it a moment later. */
const BUSY = new Set<unknown>(['shutting_down', 'audit_unavailable', 'session_unconfirmed', 'database_unavailable']);

/** Whether an answer says that the control plane did nothing with the request and may take it a moment later. */
export function isBusy(status: number, message: JsonObject): boolean {
  const data = isObject(message['error']) ? message['error']['data'] : undefined;
  return status === 503 && isObject(data) && BUSY.has(data['code']);
}

/** Whether a request was refused, and nothing done with it, for its headers (MCP 2026-07-28, streamable HTTP). */
export function isHeaderMismatch(status: number, { error }: JsonObject): boolean {
  return status === 400 && isObject(error) && error['code'] === ERRORS.header_mismatch.jsonRpc;
}

/** A status or a content type that the control plane would not give: a proxy, a load balancer, a captive portal. */
export function foreignAnswer(origin: string, status: number): CodedError {
  const detail = `HTTP status ${status}`;
  // 511 (RFC 6585 §6) is a network that wants its own sign-in first; other failures may come from behind the gateway,
  // 503 too: some proxies say it of a server that broke off.
  if (status >= 500 && status !== 511) return outcomeUnknown(detail);
  if (status === 429) return new CodedError('rate_limited', { detail });
  if (status === 413) return new CodedError('request_too_large', { detail });
  const [cause, step] =
    status === 407
      ? ['The proxy asks for a password', 'Ask the network team how programs get through the proxy.']
      : [
          'Something else answered in its place',
          'If this network has a sign-in page of its own (a hotel, a guest Wi-Fi), open any web page and sign in there. ' +
            'Otherwise check the VPN, the proxy and the address of the control plane.',
        ];
  return new CodedError('network', {
    message: `The control plane at ${origin} cannot be reached. ${cause} (HTTP status ${status}). ${step}`,
    detail,
  });
}

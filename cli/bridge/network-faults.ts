import { CodedError } from '#shared/errors.js';

/** The connection ended after the request had been sent, so it may have taken effect. */
export function outcomeUnknown(detail: string): CodedError {
  return new CodedError('outcome_unknown', { detail });
}

/** A status or a content type that the control plane would not give: a proxy, a load balancer, a captive portal. */
export function foreignAnswer(origin: string, status: number): CodedError {
  const detail = `HTTP status ${status}`;
  if (status === 503) return new CodedError('shutting_down', { detail });
  // 511 (RFC 6585 §6) is a network that wants its own sign-in first; other failures may come from behind the gateway.
  if (status >= 500 && status !== 511) return outcomeUnknown(detail);
  if (status === 429) return new CodedError('rate_limited', { detail });
  if (status === 413) return new CodedError('request_too_large', { detail });
  const cause = status === 407 ? 'The proxy asks for a password' : 'Something else answered in its place';
  return new CodedError('network', {
    message:
      `The control plane at ${origin} cannot be reached. ${cause} (HTTP status ${status}). ` +
      'Check the network, the VPN, the proxy and the address of the control plane.',
    detail,
  });
}

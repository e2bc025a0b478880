import { errors } from 'oidc-provider';
import { CodedError, type ErrorCode } from '#shared/errors.js';

const TRY_LATER: ReadonlySet<ErrorCode> = new Set([
  'idp_unreachable',
  'session_unconfirmed',
  'database_unavailable',
  'audit_unavailable',
]);

/** `invalid_grant` (RFC 6749 §5.2), with a sentence for whoever wrote the client; it never repeats a token. */
export function refusedGrant(description: string): Error {
  return new errors.CustomOIDCProviderError('invalid_grant', ascii(description));
}

export function refusedRequest(
  error: 'invalid_request' | 'invalid_scope' | 'invalid_target',
  description: string,
): Error {
  return new errors.CustomOIDCProviderError(error, ascii(description));
}

/** One of our own errors as the token endpoint says it: what may pass by itself is 503. */
export function asTokenError(error: unknown): unknown {
  if (!(error instanceof CodedError)) return error;
  if (TRY_LATER.has(error.code)) {
    return Object.assign(new errors.TemporarilyUnavailable(error.message), { status: 503, statusCode: 503 });
  }
  if (error.code === 'dpop_invalid') return new errors.InvalidDpopProof(error.message);
  return refusedGrant(error.message);
}

/** RFC 6749 §5.2 permits printable ASCII without quote and backslash. */
function ascii(text: string): string {
  return text.replaceAll('’', "'").replaceAll(/[^\x20-\x7e]|["\\]/g, '');
}

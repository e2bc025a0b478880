import * as oidc from 'openid-client';
import { errorText } from '#shared/errors.js';
import { shortLine } from '../../identity/clients/short-line.js';

/** What an authorization server's answer means for a connection. */
export type Refusal =
  /** The refresh token opens nothing any more: used twice, revoked, expired. */
  | 'grant'
  /** It does not know us, or our secret. */
  | 'client'
  /** It gives no token with these scopes. */
  | 'scopes'
  /** Nobody answered, or nothing that decides anything: the same may work in a moment. */
  | 'none';

/** RFC 6749 §5.2. */
export function refusalBy(error: unknown): Refusal {
  // A challenge is for the client's own authentication, and comes in place of the error's name.
  if (error instanceof oidc.WWWAuthenticateChallengeError) return error.status === 401 ? 'client' : 'none';
  if (!(error instanceof oidc.ResponseBodyError)) return 'none';
  if (error.error === 'invalid_grant') return 'grant';
  if (error.error === 'invalid_client' || error.error === 'unauthorized_client') return 'client';
  return error.error === 'invalid_scope' ? 'scopes' : 'none';
}

/** For the log: never what the answer holds beside the error's name. */
export function reasonOf(error: unknown): string {
  if (error instanceof oidc.ResponseBodyError || error instanceof oidc.AuthorizationResponseError) {
    return shortLine(error.error, 80) ?? 'an error without a name';
  }
  return shortLine(errorText(error), 200) ?? 'an error without a text';
}

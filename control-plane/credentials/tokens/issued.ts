import type { TokenEndpointResponse } from 'openid-client';
import { SecretUnreadable } from '../../config/secret-reference.js';
import type { IssuedToken } from '../issued-token.js';
import { headerValue } from '../secret-value.js';

/**
 * What a token endpoint answered (RFC 6749 §5.1).
 * @throws SecretUnreadable for a token that is no bearer token (RFC 6750), or that no header can carry.
 */
export function issued(answer: TokenEndpointResponse): IssuedToken {
  if (answer.token_type !== 'bearer') {
    throw new SecretUnreadable(
      'the token is not of the type Bearer',
      'have the authorization server issue bearer tokens',
    );
  }
  return {
    value: headerValue(answer.access_token),
    expiresAt: answer.expires_in === undefined ? undefined : Date.now() + answer.expires_in * 1000,
    scopes: answer.scope?.split(' ').filter((scope) => scope !== ''),
    secrets: [answer.access_token, answer.refresh_token, answer.id_token].filter((text) => text !== undefined),
  };
}

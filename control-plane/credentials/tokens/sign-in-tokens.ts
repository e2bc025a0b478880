import type { GuardedFetch } from '../../egress/guarded-fetch.js';
import type { SubjectTokens } from '../../identity/subject-tokens.js';
import { protectedResource } from '../connections/discovery/protected-resource.js';
import type { KindsOfCredentials } from '../credential-kind.js';
import { crossAppAccess, type PublishedResource } from './cross-app-access.js';
import { keptTokens } from './kept-tokens.js';
import { onBehalfOf } from './on-behalf-of.js';
import { SessionTokens } from './session-tokens.js';
import type { TokenClients } from './token-client.js';
import { tokenExchange } from './token-exchange.js';
import { TokenRefused } from './token-refused.js';

/**
 * The kinds whose tokens are made from a person's own sign-in.
 * @param people undefined where nobody is signed in, as for a command of the operator.
 */
export function signInTokens(
  clients: TokenClients,
  send: GuardedFetch,
  people: SubjectTokens | undefined,
): KindsOfCredentials {
  if (people === undefined) {
    const nobody = {
      open: () => Promise.reject(new TokenRefused('only a person who is signed in has a token for it')),
    };
    return { 'token-exchange': nobody, 'on-behalf-of': nobody, 'cross-app-access': nobody };
  }
  const tokens = new SessionTokens(people);
  const find = (url: string): Promise<PublishedResource> => protectedResource(send, url);
  return {
    'token-exchange': keptTokens(tokens, tokenExchange(clients, people)),
    'on-behalf-of': keptTokens(tokens, onBehalfOf(clients, people)),
    'cross-app-access': keptTokens(tokens, crossAppAccess(clients, people, find)),
  };
}

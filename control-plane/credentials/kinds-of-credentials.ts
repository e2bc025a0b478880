import type { GuardedFetch } from '../egress/guarded-fetch.js';
import type { UserAssertions } from './assertions/user-assertions.js';
import { awsCredentials } from './aws-credentials.js';
import { connectedAccount } from './connections/connected-account.js';
import type { ConnectionsService } from './connections/connections.service.js';
import type { SubjectTokens } from '../identity/subject-tokens.js';
import type { KindsOfCredentials } from './credential-kind.js';
import type { KeptInjections } from './kept-injections.js';
import type { SecretReaders } from './secret-source.js';
import { staticCredentials } from './static-credentials.js';
import { clientCredentials } from './tokens/client-credentials.js';
import { gitHubApp } from './tokens/github-app.js';
import { keptTokens } from './tokens/kept-tokens.js';
import { signInTokens } from './tokens/sign-in-tokens.js';
import { TokenCache } from './tokens/token-cache.js';
import { TokenClients } from './tokens/token-client.js';

/** What the kinds are made of. */
export interface CredentialParts {
  readonly read: SecretReaders;
  readonly kept: KeptInjections;
  readonly assertions: Pick<UserAssertions, 'open'>;
  /** How requests to authorization servers leave. */
  readonly send: GuardedFetch;
  readonly connections: Pick<ConnectionsService, 'tokenFor'>;
  /** Undefined where nobody is signed in. */
  readonly people: SubjectTokens | undefined;
}

/** How each kind of credential opens a server: the table that `credentials.service.ts` looks them up in. */
export function kindsOfCredentials({
  read,
  kept,
  send,
  connections,
  assertions,
  people,
}: CredentialParts): KindsOfCredentials {
  const clients = new TokenClients(read, send);
  const cache = new TokenCache();
  const asItIs = staticCredentials(kept, read);
  return {
    bearer: asItIs,
    header: asItIs,
    basic: asItIs,
    query: asItIs,
    cookie: asItIs,
    'user-assertion': assertions,
    'aws-sigv4': awsCredentials(kept, read),
    'client-credentials': keptTokens(cache, clientCredentials(clients)),
    oauth: connectedAccount(connections),
    'github-app': keptTokens(cache, gitHubApp(read, send)),
    ...signInTokens(clients, send, people),
  };
}

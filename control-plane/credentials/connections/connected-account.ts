import type { CredentialOf } from '../../config/credential-settings.js';
import type { Asked, KindOfCredential } from '../credential-kind.js';
import { RenewalBound } from '../renewal-bound.js';
import { carried, carriedToken, narrowedScopes } from '../tokens/kept-tokens.js';
import { TokenRefused } from '../tokens/token-refused.js';
import type { ConnectionsService } from './connections.service.js';

type OAuth = CredentialOf<'oauth'>;

/** Refused tokens that are remembered; of more, the one refused first is forgotten. */
const MAX_REFUSED = 10_000;

/** The person's own account at the server: the token of their connection. */
export function connectedAccount(connections: Pick<ConnectionsService, 'tokenFor'>): KindOfCredential<OAuth> {
  const refused = new Map<string, string>();
  const renewals = new RenewalBound();
  return {
    open: async (asked) => {
      const { server, settings, credential, session } = asked;
      if (session.person === undefined) throw new TokenRefused('only a person can have an account there');
      const token = await connections.tokenFor({
        person: session.person.id,
        server,
        url: settings.url,
        settings: credential,
        scopes: narrowedScopes(asked),
        refused: refused.get(nameOf(asked)),
      });
      return carried(asked, token);
    },
    forget: (asked, injection) => {
      const name = nameOf(asked);
      const token = carriedToken(asked, injection);
      if (token === undefined || refused.get(name) === token || !renewals.take(name, Date.now())) return;
      refused.delete(name);
      refused.set(name, token);
      const [oldest] = refused.keys();
      if (refused.size > MAX_REFUSED && oldest !== undefined) refused.delete(oldest);
    },
  };
}

function nameOf(asked: Asked<OAuth>): string {
  return JSON.stringify([asked.session.person?.id, asked.server, narrowedScopes(asked)]);
}

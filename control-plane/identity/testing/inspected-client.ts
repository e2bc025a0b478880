import { providerSettings } from '../../config/provider-settings.js';
import type { InspectedClient } from '../idp/inspection/inspect-provider.js';
import { clientAuthenticationOf, waysOf } from '../idp/presets.js';
import { ScriptedIdp } from './scripted-idp.js';

export const CLIENT_SECRET = 'the-secret-itself';

/** What `check` would ask of an IdP at `issuer`, as `identity.providers.corp` would make it; `more`: its other settings. */
export function inspectedClient(issuer: string, more: object = {}, credential = CLIENT_SECRET): InspectedClient {
  const own = 'privateKey' in more ? {} : { clientSecret: 'env:IDP_SECRET' };
  const settings = providerSettings.parse({ issuer, clientId: 'control-plane', ...own, ...more });
  return {
    id: 'corp',
    settings,
    ways: waysOf(settings),
    credential: { authentication: clientAuthenticationOf(settings), read: () => Promise.resolve(credential) },
    redirectUri: 'http://127.0.0.1:9/auth/callback',
  };
}

/** An IdP that accepts our credentials and does not know the code. */
export async function acceptingIdp(path?: string): Promise<ScriptedIdp> {
  const idp = await ScriptedIdp.start(path);
  idp.tokenAnswer = { status: 400, body: '{"error":"invalid_grant"}' };
  return idp;
}

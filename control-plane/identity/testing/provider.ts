import { providerSettings } from '../../config/provider-settings.js';
import { IdentityProvider } from '../idp/identity-provider.js';
import { waysOf } from '../idp/presets.js';

/** The client of an IdP at `issuer`, as `identity.providers.corp` would make it; `more`: its other settings. */
export function testProvider(issuer: string, more: object = {}): IdentityProvider {
  const settings = providerSettings.parse({ issuer, clientId: 'control-plane', ...more });
  return new IdentityProvider({
    id: 'corp',
    issuer,
    clientId: settings.clientId,
    credential: { authentication: 'client_secret_post', read: () => Promise.resolve('secret') },
    ways: waysOf(settings),
    redirectUri: 'http://127.0.0.1:9/auth/callback',
    settings,
  });
}

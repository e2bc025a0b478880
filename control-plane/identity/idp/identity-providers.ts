import { Inject, Injectable } from '@nestjs/common';
import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import { parseSecretReference, resolveSecret } from '../../config/secret-reference.js';
import type { LoadedConfig, ProviderSettings } from '../../config/settings.js';
import { issuerOf } from '../resources.js';
import type { ClientCredential } from './client-authentication.js';
import { IdentityProvider } from './identity-provider.js';
import { clientAuthenticationOf, waysOf } from './presets.js';

type CredentialPlace = Pick<LoadedConfig, 'directory' | 'environment'>;

/** The configured IdPs by the names that groups carry. */
@Injectable()
export class IdentityProviders {
  readonly #providers: ReadonlyMap<string, IdentityProvider>;

  constructor(@Inject(CONFIG) config: LoadedConfig) {
    const entries = Object.entries(config.settings.identity.providers);
    this.#providers = new Map(entries.map(([id, settings]) => [id, providerOf(id, settings, config)]));
  }

  get all(): readonly IdentityProvider[] {
    return [...this.#providers.values()];
  }

  find(id: string): IdentityProvider | undefined {
    return this.#providers.get(id);
  }

  /** Where the people of an e-mail domain sign in, in any case of letters; no domain is at two providers. */
  ofDomain(domain: string): IdentityProvider | undefined {
    const wanted = domain.toLowerCase();
    return this.all.find(({ emailDomains }) => emailDomains.includes(wanted));
  }
}

function providerOf(id: string, settings: ProviderSettings, config: LoadedConfig): IdentityProvider {
  return new IdentityProvider({
    id,
    issuer: settings.issuer,
    clientId: settings.clientId,
    credential: credentialOf(id, settings, config),
    ways: waysOf(settings),
    redirectUri: `${issuerOf(config.settings.publicUrl)}${PATHS.callback}`,
    settings,
  });
}

/** The credential that the settings name, to be read when needed. Throws `config_invalid` where they name none. */
export function credentialOf(id: string, settings: ProviderSettings, config: CredentialPlace): ClientCredential {
  const { privateKey, clientSecret } = settings;
  const reference = parseSecretReference(privateKey ?? clientSecret ?? '');
  if (reference === undefined || reference.source === 'secret') {
    throw new CodedError('config_invalid', {
      message: `identity.providers.${id}: give it a clientSecret or a privateKey, written env:NAME or file:PATH.`,
    });
  }
  return {
    authentication: clientAuthenticationOf(settings),
    read: () => resolveSecret(reference, config.directory, config.environment),
  };
}

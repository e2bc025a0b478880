import { Inject, Injectable } from '@nestjs/common';
import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import { parseSecretReference, resolveSecret } from '../../config/secret-reference.js';
import type { LoadedConfig, ProviderSettings } from '../../config/settings.js';
import { issuerOf } from '../resources.js';
import { IdentityProvider } from './identity-provider.js';

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
}

function providerOf(id: string, settings: ProviderSettings, config: LoadedConfig): IdentityProvider {
  return new IdentityProvider({
    id,
    issuer: settings.issuer,
    clientId: settings.clientId,
    clientSecret: clientSecretOf(id, settings, config),
    scopes: settings.scopes,
    groupsClaim: settings.groupsClaim,
    redirectUri: `${issuerOf(config.settings.publicUrl)}${PATHS.callback}`,
  });
}

function clientSecretOf(id: string, { clientSecret }: ProviderSettings, config: LoadedConfig): () => Promise<string> {
  const reference = parseSecretReference(clientSecret);
  if (reference === undefined || reference.source === 'secret') {
    throw new CodedError('config_invalid', {
      message: `identity.providers.${id}.clientSecret: write env:NAME or file:PATH.`,
    });
  }
  return () => resolveSecret(reference, config.directory, config.environment);
}

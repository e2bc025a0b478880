import { Inject, Injectable } from '@nestjs/common';
import { PATHS } from '#shared/api/paths.js';
import { CONFIG } from '../../config/config.module.js';
import { parseSecretReference, resolveSecret } from '../../config/secret-reference.js';
import type { LoadedConfig, ProviderSettings } from '../../config/settings.js';
import { IdentityProviders } from '../idp/identity-providers.js';
import { issuerOf } from '../resources.js';
import { issuerKeys } from './issuer-keys.js';
import type { SignalRules } from './signed-signal.js';

/** One way by which one provider may tell us. */
export interface SignalSource extends Pick<SignalRules, 'issuer' | 'audience' | 'keys'> {
  /** Our own name for it. */
  readonly provider: string;
  /** What the `iss` of its ID tokens is, which a subject may name instead of the signer. */
  readonly providerIssuer: string;
  /** The bearer token that must come with a signal. Throws SecretUnreadable. */
  readonly secret?: () => Promise<string>;
}

/** Whom the configuration lets tell us that somebody is out. */
@Injectable()
export class SignalSources {
  readonly backchannelLogout: readonly SignalSource[];
  readonly universalLogout: readonly SignalSource[];
  readonly sharedSignals: readonly SignalSource[];

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(IdentityProviders) private readonly providers: IdentityProviders,
  ) {
    const all = Object.entries(config.settings.identity.providers);
    this.backchannelLogout = all.flatMap(([id, settings]) => {
      const { backchannelLogout, issuer, clientId: audience } = settings;
      return backchannelLogout ? [this.#source(id, settings, { issuer, audience })] : [];
    });
    this.universalLogout = all.flatMap(([id, settings]) => {
      const { universalLogout } = settings;
      const audience = issuerOf(config.settings.publicUrl) + PATHS.globalTokenRevocation;
      return universalLogout ? [this.#source(id, settings, { audience, ...defined(universalLogout) })] : [];
    });
    this.sharedSignals = all.flatMap(([id, settings]) => {
      const { sharedSignals } = settings;
      return sharedSignals ? [this.#source(id, settings, sharedSignals)] : [];
    });
  }

  #source(
    provider: string,
    { issuer: providerIssuer }: ProviderSettings,
    { issuer, audience, jwksUri, secret }: Signer,
  ): SignalSource {
    const locate = async () => jwksUri ?? (await this.#keysOf(provider));
    return {
      provider,
      providerIssuer,
      issuer,
      audience,
      keys: issuerKeys(locate),
      ...(secret === undefined ? {} : { secret: () => this.#resolve(secret) }),
    };
  }

  async #keysOf(provider: string): Promise<string> {
    const address = await this.providers.find(provider)?.keysAddress();
    if (address !== undefined) return address;
    throw new Error(`the provider ${provider} names no jwks_uri`);
  }

  async #resolve(text: string): Promise<string> {
    const reference = parseSecretReference(text);
    if (reference === undefined || reference.source === 'secret') throw new Error('no env: or file: reference');
    return resolveSecret(reference, this.config.directory, this.config.environment);
  }
}

interface Signer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri?: string | undefined;
  readonly secret?: string | undefined;
}

/** Keys that are there and undefined would hide a default. */
function defined<T extends { readonly audience?: string | undefined }>({
  audience,
  ...rest
}: T): Omit<T, 'audience'> & { audience?: string } {
  return audience === undefined ? rest : { ...rest, audience };
}

import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CodedError, errorText } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import { parseSecretReference, resolveSecret, type OuterReference } from '../../config/secret-reference.js';
import type { LoadedConfig } from '../../config/settings.js';
import { Logger, shown } from '../../observability/logger.js';

interface Provider {
  readonly token: OuterReference;
  readonly saysGroups: boolean;
}

/** The providers that have a SCIM client, and the token by which each is known. */
@Injectable()
export class ScimProviders {
  readonly #providers: ReadonlyMap<string, Provider>;

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    const entries = Object.entries(config.settings.identity.providers).flatMap(([id, { scim }]) =>
      scim ? [[id, { token: referenceOf(id, scim.token), saysGroups: scim.groups === 'scim' }] as const] : [],
    );
    this.#providers = new Map(entries);
  }

  get any(): boolean {
    return this.#providers.size > 0;
  }

  has(provider: string): boolean {
    return this.#providers.has(provider);
  }

  /** Whether SCIM alone says in which groups the people of a provider are (decision 025). */
  saysGroups(provider: string): boolean {
    return this.#providers.get(provider)?.saysGroups ?? false;
  }

  /** The provider whose token it is. Every token is compared, each in constant time; one that two have is nobody's. */
  async ofToken(presented: string): Promise<string | undefined> {
    const digest = sha256(presented);
    const compared = await Promise.all(
      [...this.#providers].map(async ([id, { token }]) => {
        const expected = await this.#tokenOf(id, token);
        return expected !== undefined && timingSafeEqual(sha256(expected), digest) ? id : undefined;
      }),
    );
    const [provider, ...others] = compared.filter((id) => id !== undefined);
    return others.length === 0 ? provider : undefined;
  }

  /** Read each time, so that a new token counts without a restart. */
  async #tokenOf(provider: string, reference: OuterReference): Promise<string | undefined> {
    try {
      return await resolveSecret(reference, this.config.directory, this.config.environment);
    } catch (error) {
      this.logger.error('scim token not readable', { provider: shown(provider), error: shown(errorText(error)) });
      return undefined;
    }
  }
}

function referenceOf(provider: string, text: string): OuterReference {
  const reference = parseSecretReference(text);
  if (reference && reference.source !== 'secret') return reference;
  const message = `identity.providers.${provider}.scim.token: write env:NAME or file:PATH.`;
  throw new CodedError('config_invalid', { message });
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

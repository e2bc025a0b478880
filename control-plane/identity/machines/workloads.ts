import { Inject, Injectable } from '@nestjs/common';
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { CONFIG } from '../../config/config.module.js';
import { readPublicKeys } from '../../config/public-keys.js';
import type { TrustedIssuerSettings } from '../../config/machine-settings.js';
import type { LoadedConfig } from '../../config/settings.js';
import { issuerKeys } from '../assertions/issuer-keys.js';
import { claimedIssuer, verifyAssertion } from '../assertions/verify-assertion.js';
import { refusedGrant } from '../grants/token-error.js';
import { satisfies } from './claim-rules.js';
import type { ServiceAccount } from './service-accounts.js';

interface TrustedIssuer {
  readonly settings: TrustedIssuerSettings;
  readonly keys: JWTVerifyGetKey;
}

/** A token that its platform renews in place (Kubernetes, SPIFFE) is shown again and again, so it is not used up; a day bounds it. */
const LONGEST = 86_400;
/** An access token or an identity assertion proves something else. */
const TYPES = [undefined, 'jwt', 'jose'];

/** Machines that prove who they are by a token of the platform that runs them (RFC 7523 §2.1). */
@Injectable()
export class Workloads {
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>;

  constructor(@Inject(CONFIG) config: LoadedConfig) {
    const { trustedIssuers } = config.settings.identity;
    this.#issuers = new Map(
      Object.entries(trustedIssuers).map(([name, settings]) => [name, { settings, keys: keysOf(settings, config) }]),
    );
  }

  /** Resolves where the token is good and fits one of the account's rules. Throws `invalid_grant` or `idp_unreachable`. */
  async prove(assertion: string, { settings }: ServiceAccount, now: number): Promise<void> {
    const claimed = claimedIssuer(assertion);
    for (const { issuer: name, claims: rules } of settings.trusted ?? []) {
      const trusted = this.#issuers.get(name);
      if (trusted?.settings.issuer !== claimed) continue;
      const { issuer, audience } = trusted.settings;
      const claims = await verifyAssertion(
        assertion,
        { issuer, audience, keys: trusted.keys, types: TYPES, longest: LONGEST },
        now,
      );
      if (satisfies(claims, rules)) return;
    }
    throw refusedGrant('The assertion is not one that this service account is trusted by.');
  }
}

function keysOf(settings: TrustedIssuerSettings, { directory, environment }: LoadedConfig): JWTVerifyGetKey {
  const { issuer, jwksUri, jwks } = settings;
  if (jwks === undefined) return issuerKeys({ issuer, jwksUri });
  const read = readPublicKeys({ jwks }, directory, environment).then((keys) => createLocalJWKSet({ keys: [...keys] }));
  // Whoever asks learns of a failure; nobody may ask before the process would end by it.
  read.catch(() => undefined);
  return async (header, token) => (await read)(header, token);
}

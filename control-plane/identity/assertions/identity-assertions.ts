import { Inject, Injectable } from '@nestjs/common';
import type { JWTVerifyGetKey } from 'jose';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig, ProviderSettings } from '../../config/settings.js';
import { refusedGrant } from '../grants/token-error.js';
import { requireOwnAccount } from '../idp/account-rules.js';
import { waysOf } from '../idp/presets.js';
import { profileOf, type Profile } from '../idp/claims.js';
import { issuerOf } from '../resources.js';
import { UsedTokens } from '../used-tokens.js';
import { issuerKeys } from './issuer-keys.js';
import { claimedIssuer, verifyAssertion, type AssertionClaims } from './verify-assertion.js';

/** What a company's IdP vouches for: this person, to this client, for this resource. */
export interface IdentityAssertion {
  readonly profile: Profile;
  readonly resource: string;
  readonly scopes: readonly string[];
  /** When the IdP said so, epoch milliseconds. */
  readonly issuedAt: number;
}

interface Source {
  readonly id: string;
  readonly settings: ProviderSettings;
  readonly issuer: string;
  readonly clients: ReadonlySet<string>;
  readonly keys: JWTVerifyGetKey;
}

const LONGEST = 300;

/** Identity assertions (ID-JAG, draft-ietf-oauth-identity-assertion-authz-grant) of the providers that may send them. */
@Injectable()
export class IdentityAssertions {
  readonly #sources: readonly Source[];
  readonly #audience: string;

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(UsedTokens) private readonly used: UsedTokens,
  ) {
    this.#audience = issuerOf(config.settings.publicUrl);
    this.#sources = Object.entries(config.settings.identity.providers).flatMap(([id, settings]) =>
      sourceOf(id, settings),
    );
  }

  get accepted(): boolean {
    return this.#sources.length > 0;
  }

  /** The assertion, used up. Throws `invalid_grant`, `idp_unreachable` or `database_unavailable`. */
  async redeem(assertion: string, clientId: string, now: number): Promise<IdentityAssertion> {
    const claimed = claimedIssuer(assertion);
    const source = this.#sources.find(({ issuer, clients }) => issuer === claimed && clients.has(clientId));
    if (!source) throw refusedGrant('No identity assertion of this issuer is accepted from this client.');
    const { issuer, keys } = source;
    const rules = { issuer, keys, audience: this.#audience, types: ['oauth-id-jag+jwt'], longest: LONGEST };
    const claims = await verifyAssertion(assertion, rules, now);
    if (claims['client_id'] !== clientId) throw refusedGrant('The assertion was made for another client.');
    const resource = onlyText(claims['resource']);
    if (resource === undefined) throw refusedGrant('The assertion must name one resource.');
    const profile = this.#profile(claims, source);
    await this.#useUp(claims, issuer);
    const scope = typeof claims['scope'] === 'string' ? claims['scope'] : '';
    return { profile, resource, scopes: scope.split(' '), issuedAt: claims.iat * 1000 };
  }

  /** The provider's own issuer, so that a person is the same one whichever way they come. */
  #profile(claims: AssertionClaims, { id, settings }: Source): Profile {
    requireOwnAccount(claims, settings);
    const { groupsClaim, subjectClaim } = waysOf(settings);
    const named = { ...claims, iss: settings.issuer, sub: claims[subjectClaim] };
    return profileOf(named, id, groupsClaim, settings.groupsFormat);
  }

  async #useUp({ jti, exp }: AssertionClaims, issuer: string): Promise<void> {
    if (typeof jti !== 'string' || jti === '') throw refusedGrant('The assertion has no jti.');
    if (!(await this.used.use(issuer, jti, exp * 1000))) throw refusedGrant('The assertion was used before.');
  }
}

function sourceOf(id: string, settings: ProviderSettings): Source[] {
  const accepted = settings.identityAssertions;
  if (!accepted) return [];
  const issuer = accepted.issuer ?? settings.issuer;
  const keys = issuerKeys({ issuer, jwksUri: accepted.jwksUri });
  return [{ id, settings, issuer, keys, clients: new Set(Object.keys(accepted.clients)) }];
}

function onlyText(value: unknown): string | undefined {
  const [first, ...more] = [value].flat();
  return typeof first === 'string' && more.length === 0 ? first : undefined;
}

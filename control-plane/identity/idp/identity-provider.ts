import * as oidc from 'openid-client';
import type { Freshness } from '../authorization-server/pending-authorization.js';
import { groupsAreElsewhere, profileOf, type Claims, type Profile } from './claims.js';
import { Discovery, type ProviderClient } from './discovery.js';
import { SubjectMismatch } from './failure.js';
import { IdTokenCheck } from './id-token.js';

/** The secrets of one way through the IdP; each is used once. */
export interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface SignedIn {
  readonly profile: Profile;
  /** Null where the IdP gave none, which the caller must refuse: a leaver could stay. */
  readonly refreshToken: string | null;
}

export interface ProviderOptions extends ProviderClient {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly groupsClaim: string;
  readonly redirectUri: string;
}

type TokenResponse = Awaited<ReturnType<typeof oidc.refreshTokenGrant>>;

/** The company's IdP, to which we are one confidential web client (OpenID Connect Core §3.1, PKCE, state, nonce). */
export class IdentityProvider {
  readonly id: string;
  readonly issuer: string;
  readonly #discovery: Discovery;
  readonly #idTokens = new IdTokenCheck();

  constructor(private readonly options: ProviderOptions) {
    this.id = options.id;
    this.issuer = options.issuer;
    this.#discovery = new Discovery(options);
  }

  async authorizationUrl(
    { state, nonce, verifier }: LoginSecrets,
    { again, maxAge, acrValues }: Freshness,
  ): Promise<URL> {
    return oidc.buildAuthorizationUrl(await this.#discovery.configuration(), {
      redirect_uri: this.options.redirectUri,
      scope: this.options.scopes.join(' '),
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(again ? { prompt: 'login' } : {}),
      ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
      ...(acrValues === undefined ? {} : { acr_values: acrValues.join(' ') }),
    });
  }

  /** Redeems the code of a callback; `query` is the callback's own, with its `?`. State, nonce and `iss` are checked. */
  async redeem(query: string, { state, nonce, verifier }: LoginSecrets): Promise<SignedIn> {
    const configuration = await this.#discovery.configuration();
    const tokens = await oidc.authorizationCodeGrant(configuration, new URL(this.options.redirectUri + query), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const subject = tokens.claims()?.sub ?? '';
    return { profile: await this.#profile(tokens, subject), refreshToken: tokens.refresh_token ?? null };
  }

  /** Asks again about `subject`. `keep` stores a rotated refresh token before anything else can fail. */
  async refresh(refreshToken: string, subject: string, keep: (rotated: string) => Promise<void>): Promise<Profile> {
    const tokens = await oidc.refreshTokenGrant(await this.#discovery.configuration(), refreshToken);
    const rotated = tokens.refresh_token;
    if (rotated !== undefined && rotated !== refreshToken) await keep(rotated);
    return this.#profile(tokens, subject);
  }

  /** Where its public keys are; undefined where its metadata does not say. Throws as discovery does. */
  async keysAddress(): Promise<string | undefined> {
    return (await this.#discovery.configuration()).serverMetadata().jwks_uri;
  }

  /** Checked only when a rotated refresh token is kept: a key that is not known yet must not cost the session. */
  async #profile(tokens: TokenResponse, subject: string): Promise<Profile> {
    await this.#checkIdToken(tokens);
    const claims = await this.#claims(tokens, subject);
    return profileOf({ ...claims, iss: this.issuer }, this.id, this.options.groupsClaim);
  }

  async #checkIdToken({ id_token: idToken }: TokenResponse): Promise<void> {
    if (idToken === undefined) return;
    const configuration = await this.#discovery.configuration();
    await this.#idTokens.check(idToken, configuration.serverMetadata().jwks_uri);
  }

  /** The ID token, completed by userinfo where it lacks the groups; some IdPs send none at a refresh. */
  async #claims(tokens: TokenResponse, subject: string): Promise<Claims> {
    const claims: Claims | undefined = tokens.claims();
    if (claims && claims['sub'] !== subject) throw new SubjectMismatch();
    const { groupsClaim } = this.options;
    if (claims && (groupsClaim in claims || groupsAreElsewhere(claims, groupsClaim))) return claims;
    const configuration = await this.#discovery.configuration();
    if (claims && configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    return { ...claims, ...(await oidc.fetchUserInfo(configuration, tokens.access_token, subject)) };
  }
}

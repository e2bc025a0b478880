import * as oidc from 'openid-client';
import { CodedError } from '#shared/errors.js';
import type { ProviderSettings } from '../../config/provider-settings.js';
import type { Freshness } from '../authorization-server/pending-authorization.js';
import { requireOwnAccount } from './account-rules.js';
import { groupsAreElsewhere, profileOf, type Claims, type Profile } from './claims.js';
import { Discovery, type ProviderClient } from './discovery.js';
import { SubjectMismatch } from './failure.js';
import { signedInSince, type Attempted } from './fresh-sign-in.js';
import { IdTokenCheck } from './id-token.js';
import { assertionOf, assertionRequest, type AssertionAim } from './assertion-request.js';
import { idpTokensOf, type IdpToken, type IdpTokens } from './idp-tokens.js';
import { isManagedDevice } from './managed-device.js';
import { MicrosoftGraph } from './microsoft-graph.js';

/** The secrets of one way through the IdP; each is used once. */
export interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** What the IdP says of a person who is there. */
interface PresentProfile extends Profile {
  readonly managedDevice: boolean;
}

/** What the IdP said when it was asked again, with the tokens that say so elsewhere. */
interface Confirmed extends PresentProfile {
  readonly tokens: IdpTokens;
}

export interface SignedIn {
  readonly profile: PresentProfile;
  /** Null where the IdP gave none, which the caller must refuse: a leaver could stay. */
  readonly refreshToken: string | null;
  /** What it granted, where it says (RFC 6749 §5.1). */
  readonly scope: string | undefined;
  readonly tokens: IdpTokens;
}

export interface ProviderOptions extends ProviderClient {
  readonly id: string;
  readonly redirectUri: string;
  readonly settings: Pick<
    ProviderSettings,
    'preset' | 'issuer' | 'emailDomains' | 'groupsFormat' | 'microsoftGraph' | 'managedDevice' | 'freshSignIn'
  >;
}

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

type TokenResponse = Awaited<ReturnType<typeof oidc.refreshTokenGrant>>;

/** The company's IdP, to which we are one confidential web client (OpenID Connect Core §3.1, PKCE, state, nonce). */
export class IdentityProvider {
  readonly id: string;
  readonly issuer: string;
  /** Domains whose people sign in here; lower case. */
  readonly emailDomains: readonly string[];
  readonly #discovery: Discovery;
  readonly #graph: MicrosoftGraph | undefined;
  readonly #idTokens = new IdTokenCheck();

  constructor(private readonly options: ProviderOptions) {
    this.id = options.id;
    this.issuer = options.issuer;
    this.emailDomains = options.settings.emailDomains;
    this.#discovery = new Discovery(options);
    const { microsoftGraph } = options.settings;
    this.#graph = microsoftGraph === undefined ? undefined : new MicrosoftGraph(microsoftGraph);
  }

  /** `loginHint`: the e-mail address that the IdP may fill in (OpenID Connect Core §3.1.2.1). */
  async authorizationUrl(
    { state, nonce, verifier }: LoginSecrets,
    { again, maxAge, acrValues }: Freshness,
    loginHint: string | null = null,
  ): Promise<URL> {
    const { ways, settings } = this.options;
    const { scopes, parameters, promptLogin } = ways;
    const fresh = maxAge === undefined || !settings.freshSignIn ? [] : [settings.freshSignIn.scope];
    return oidc.buildAuthorizationUrl(await this.#discovery.configuration(), {
      ...parameters,
      redirect_uri: this.options.redirectUri,
      scope: [...scopes, ...fresh].join(' '),
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(again && promptLogin ? { prompt: 'login' } : {}),
      ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
      ...(acrValues === undefined ? {} : { acr_values: acrValues.join(' ') }),
      ...(loginHint === null ? {} : { login_hint: loginHint }),
    });
  }

  /** Redeems the code of a callback; `query` is the callback's own, with its `?`. State, nonce and `iss` are checked. */
  async redeem(query: string, { state, nonce, verifier }: LoginSecrets): Promise<SignedIn> {
    const configuration = await this.#discovery.configuration();
    const askedAt = Date.now();
    const tokens = await oidc.authorizationCodeGrant(configuration, new URL(this.options.redirectUri + query), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const profile = await this.#profile(configuration, tokens);
    const { refresh_token: refreshToken = null, scope } = tokens;
    return { profile, refreshToken, scope, tokens: idpTokensOf(tokens, askedAt) };
  }

  /** When the person of a code signed in there, at the earliest: epoch milliseconds; null where nothing proves it. */
  signedInSince({ profile, scope }: SignedIn, attempt: Attempted): number | null {
    return signedInSince({ said: profile.authTime, scope }, attempt, this.options.settings.freshSignIn);
  }

  /** Asks again about `subject`. `keep` stores a rotated refresh token before anything else can fail. */
  async refresh(refreshToken: string, subject: string, keep: (rotated: string) => Promise<void>): Promise<Confirmed> {
    const configuration = await this.#discovery.configuration();
    const askedAt = Date.now();
    const tokens = await oidc.refreshTokenGrant(configuration, refreshToken);
    const rotated = tokens.refresh_token;
    if (rotated !== undefined && rotated !== refreshToken) await keep(rotated);
    return { ...(await this.#profile(configuration, tokens, subject)), tokens: idpTokensOf(tokens, askedAt) };
  }

  /** Checked only when a rotated refresh token is kept: a key that is not known yet must not cost the session. */
  async #profile(configuration: oidc.Configuration, tokens: TokenResponse, expected?: string): Promise<PresentProfile> {
    const { ways, settings } = this.options;
    if (tokens.id_token !== undefined) {
      await this.#idTokens.check(tokens.id_token, configuration.serverMetadata().jwks_uri);
    }
    const claims = await this.#claims(configuration, tokens, expected);
    requireOwnAccount(claims, settings);
    const named = { ...claims, iss: this.issuer, sub: claims[ways.subjectClaim] };
    const managedDevice = isManagedDevice(tokens.claims(), settings.managedDevice);
    const profile = { ...profileOf(named, this.id, ways.groupsClaim, settings.groupsFormat), managedDevice };
    if (!this.#graph || !groupsAreElsewhere(claims, ways.groupsClaim)) return profile;
    const groups = await this.#graph.groupsOf(configuration, profile.subject);
    return { ...profile, groups: groups.map((group) => `${this.id}/${group}`) };
  }

  /**
   * An identity assertion (ID-JAG) for an authorization server that trusts this provider, by our own client here.
   * `subject`: of the ID token. Throws what openid-client throws, or an Error that says what is wrong with the answer.
   */
  async assertion(idToken: string, subject: string, aim: AssertionAim): Promise<IdpToken> {
    const configuration = await this.#discovery.configuration();
    const asked = Date.now();
    const answer = await oidc.genericGrantRequest(configuration, TOKEN_EXCHANGE, assertionRequest(idToken, aim));
    const { subject_types_supported: types } = configuration.serverMetadata();
    return assertionOf(answer, aim, types?.includes('pairwise') === true ? undefined : subject, asked);
  }

  /** Where its public keys are; undefined where its metadata does not say. Throws as discovery does. */
  async keysAddress(): Promise<string | undefined> {
    return (await this.#discovery.configuration()).serverMetadata().jwks_uri;
  }

  /** The ID token, completed by userinfo where it lacks the groups; some IdPs send none at a refresh. */
  async #claims(configuration: oidc.Configuration, tokens: TokenResponse, expected?: string): Promise<Claims> {
    const claims: Claims | undefined = tokens.claims();
    const { groupsClaim, subjectClaim } = this.options.ways;
    if (claims && expected !== undefined && claims[subjectClaim] !== expected) throw new SubjectMismatch();
    if (claims && (groupsClaim in claims || groupsAreElsewhere(claims, groupsClaim))) return claims;
    // Entra's says nothing of groups, and takes no access token that is meant for an API of the company (decision 037).
    if (claims && subjectClaim === 'oid') return claims;
    if (claims && configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    const subject = claims?.['sub'] ?? (subjectClaim === 'sub' ? expected : undefined);
    if (typeof subject !== 'string') throw new CodedError('sign_in_failed', { detail: 'no ID token names the person' });
    return { ...claims, ...(await oidc.fetchUserInfo(configuration, tokens.access_token, subject)) };
  }
}

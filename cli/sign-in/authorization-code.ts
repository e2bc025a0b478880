import type * as OpenIdClient from 'openid-client';
import type { EcPrivateJwk, SavedSignIn } from '../credential-store/saved-sign-in.js';
import { newDpopKey } from './dpop.js';
import {
  discover,
  importKeyPair,
  requireOrigin,
  savedSignIn,
  signInFault,
  type AuthorizationParts,
} from './oauth-client.js';
import { stepUpRequestParameters } from './step-up-request.js';

/** One authorization request under way: all that it takes to complete it, secrets included. */
export interface PendingAuthorization {
  /** For the browser. */
  readonly url: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly dpopKey: EcPrivateJwk;
}

/** Authorization code with PKCE (RFC 7636), a DPoP-bound code (RFC 9449 §10) and an ID token for the account's name. */
export async function startAuthorization(
  parts: AuthorizationParts,
  redirectUri: string,
): Promise<PendingAuthorization> {
  const oidc = await import('openid-client');
  const config = await discover(oidc, parts);
  const verifier = oidc.randomPKCECodeVerifier();
  const checks = { state: oidc.randomState(), nonce: oidc.randomNonce() };
  const dpopKey = parts.stepUp?.dpopKey ?? newDpopKey();
  const DPoP = await dpopHandle(oidc, config, dpopKey);
  const url = oidc.buildAuthorizationUrl(config, {
    ...checks,
    redirect_uri: redirectUri,
    scope: parts.scope,
    resource: parts.resource,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    dpop_jkt: await DPoP.calculateThumbprint(),
    device_name: parts.deviceName,
    ...(parts.maxAge === undefined ? {} : { max_age: String(parts.maxAge), prompt: 'login' }),
    ...stepUpRequestParameters(parts.stepUp),
  });
  requireOrigin(url.href, parts.slot.origin);
  return { url: url.href, redirectUri, ...checks, verifier, dpopKey };
}

/** Exchanges the code of the callback URL for tokens. Throws CodedError sign_in_failed | network. */
export async function redeemCode(
  parts: AuthorizationParts,
  { state, nonce, verifier, dpopKey }: PendingAuthorization,
  callback: URL,
): Promise<SavedSignIn> {
  const oidc = await import('openid-client');
  const config = await discover(oidc, parts);
  const DPoP = await dpopHandle(oidc, config, dpopKey);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const sentAt = parts.now().getTime();
  const tokens = await oidc
    .authorizationCodeGrant(config, callback, checks, { resource: parts.resource }, { DPoP })
    .catch((error: unknown) => {
      throw signInFault(error, parts.slot.origin);
    });
  return savedSignIn(tokens, dpopKey, sentAt);
}

async function dpopHandle(
  oidc: typeof OpenIdClient,
  config: OpenIdClient.Configuration,
  key: EcPrivateJwk,
): Promise<OpenIdClient.DPoPHandle> {
  return oidc.getDPoPHandle(config, await importKeyPair(key));
}

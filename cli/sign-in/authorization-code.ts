import type { SavedSignIn } from '../credential-store/saved-sign-in.js';
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

/** One authorization request under way; the verifier and the key never leave this object. */
export interface Authorization {
  /** For the browser. */
  readonly url: string;
  readonly state: string;
  /** Exchanges the code of the callback URL for tokens. Throws CodedError sign_in_failed | network. */
  redeem(callback: URL): Promise<SavedSignIn>;
}

/** Authorization code with PKCE (RFC 7636), a DPoP-bound code (RFC 9449 §10) and an ID token for the account's name. */
export async function startAuthorization(parts: AuthorizationParts, redirectUri: string): Promise<Authorization> {
  const oidc = await import('openid-client');
  const { origin } = parts.slot;
  const config = await discover(oidc, parts);
  const verifier = oidc.randomPKCECodeVerifier();
  const checks = { state: oidc.randomState(), nonce: oidc.randomNonce() };
  const dpopKey = parts.stepUp?.dpopKey ?? newDpopKey();
  const DPoP = oidc.getDPoPHandle(config, await importKeyPair(dpopKey));
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
  requireOrigin(url.href, origin);
  return {
    url: url.href,
    state: checks.state,
    redeem: async (callback) => {
      const sentAt = parts.now().getTime();
      const tokens = await oidc
        .authorizationCodeGrant(
          config,
          callback,
          {
            pkceCodeVerifier: verifier,
            expectedState: checks.state,
            expectedNonce: checks.nonce,
            idTokenExpected: true,
          },
          { resource: parts.resource },
          { DPoP },
        )
        .catch((error: unknown) => {
          throw signInFault(error, origin);
        });
      return savedSignIn(tokens, dpopKey, sentAt);
    },
  };
}

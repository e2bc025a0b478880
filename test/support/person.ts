import * as oidc from 'openid-client';
import { CLIENTS, PATHS, SCOPES } from '#shared/api/paths.js';
import type { Stack } from '../../demo/stack/stack.js';
import { Browser } from '../../demo/walk/browser.js';
import { signInAs } from '../../demo/walk/sign-in.js';
import { newKey, type KeyPair } from './proof.js';

export const CALLBACK = 'http://127.0.0.1:1/callback';

export interface SignedIn {
  readonly person: string;
  readonly keys: KeyPair;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
  readonly configuration: oidc.Configuration;
}

export interface SignInOptions {
  readonly client?: string;
  /** Path of the resource below `publicUrl`. */
  readonly resource?: string;
  readonly scope?: string;
  /** Asks for a new sign-in at the identity provider, as a change through the admin API needs it. */
  readonly fresh?: boolean;
}

export interface Authorization {
  readonly configuration: oidc.Configuration;
  readonly url: URL;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly resource: string;
}

/** An authorization request of one of the built-in clients, not yet opened by anyone. */
export async function beginSignIn(stack: Stack, options: SignInOptions = {}): Promise<Authorization> {
  const { publicUrl } = stack.addresses;
  const { client = CLIENTS.bridge, resource = PATHS.mcp, scope = SCOPES.mcp, fresh = false } = options;
  const configuration = await oidc.discovery(new URL(publicUrl), client, undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  });
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: CALLBACK,
    scope: `openid ${scope}`,
    resource: publicUrl + resource,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    device_name: 'test',
    ...(fresh ? { max_age: '600', prompt: 'login' } : {}),
  });
  return { configuration, url, verifier, state, nonce, resource: publicUrl + resource };
}

/** A browser that stops where the client's own callback server would answer. */
export function browserUpToCallback(): Browser {
  return new Browser((url) => url.href.startsWith(CALLBACK));
}

/** Goes all the way: real redirects and forms, then the code for tokens bound to a new key. */
export async function signIn(stack: Stack, person: string, options: SignInOptions = {}): Promise<SignedIn> {
  const started = await beginSignIn(stack, options);
  const page = await signInAs(browserUpToCallback(), started.url, person);
  if (!page.url.href.startsWith(CALLBACK)) throw new Error(`The sign-in of ${person} ended early: ${page.text}`);
  return redeem(started, page.url, person);
}

/** Exchanges the code of a callback address, for tokens that are bound to `key`, or to a new one. */
export async function redeem(started: Authorization, callback: URL, person: string, key?: KeyPair): Promise<SignedIn> {
  const { configuration, verifier, state, nonce, resource } = started;
  const keys = key ?? (await newKey());
  const tokens = await oidc.authorizationCodeGrant(
    configuration,
    callback,
    { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
    { resource },
    { DPoP: oidc.getDPoPHandle(configuration, keys) },
  );
  const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = tokens;
  if (refreshToken === undefined || idToken === undefined) throw new Error('The sign-in gave no refresh or ID token.');
  return { person, keys, accessToken, refreshToken, idToken, configuration };
}

/** dave, with a token for the admin API. */
export function signInAsAuditor(stack: Stack, person = 'dave'): Promise<SignedIn> {
  return signIn(stack, person, { client: CLIENTS.admin, resource: PATHS.api, scope: SCOPES.auditRead });
}

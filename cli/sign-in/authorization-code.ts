import type http from 'node:http';
import type * as OpenIdClient from 'openid-client';
import { CodedError, errorText } from '#shared/errors.js';
import type { EcPrivateJwk, SavedSignIn, Slot } from '../credential-store/saved-sign-in.js';
import { exchange, networkError } from '../system/http.js';
import { newDpopKey } from './dpop.js';
import type { ServerClock } from './server-clock.js';

export interface AuthorizationParts {
  readonly slot: Slot;
  /** RFC 8707 resource that the tokens are for. */
  readonly resource: string;
  readonly scope: string;
  /** What this computer calls itself on the confirm page. */
  readonly deviceName: string;
  readonly agent: http.Agent;
  readonly clock: ServerClock;
  readonly now: () => Date;
}

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
  const dpopKey = newDpopKey();
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
  });
  if (url.origin !== origin) throw foreignEndpoint();
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
          throw failed(error, origin);
        });
      return savedSignIn(tokens, dpopKey, sentAt);
    },
  };
}

type Oidc = typeof OpenIdClient;

/** Reads the server's metadata (RFC 8414), which also tells its clock. */
async function discover(oidc: Oidc, parts: AuthorizationParts): Promise<OpenIdClient.Configuration> {
  const { origin, client } = parts.slot;
  const fetch = fetchBy(parts);
  const insecure = origin.startsWith('http:');
  const found = await oidc
    .discovery(new URL(origin), client, undefined, oidc.None(), {
      execute: insecure ? [oidc.allowInsecureRequests] : [],
      [oidc.customFetch]: async (url, options) => {
        const reply = await fetch(url, options);
        if (reply.status >= 500) throw unavailable(origin, reply.status);
        return reply;
      },
    })
    .catch((error: unknown) => {
      throw isForeign(error) ? noControlPlane(origin) : failed(error, origin);
    });
  const server = found.serverMetadata();
  if (URL.parse(server.token_endpoint ?? '')?.origin !== origin) throw foreignEndpoint();
  const skew = Math.round(parts.clock.offset / 1000);
  const config = new oidc.Configuration(server, client, { [oidc.clockSkew]: skew }, oidc.None());
  config[oidc.customFetch] = fetch;
  // Only ever loopback: controlPlaneOrigin() lets no other http address through.
  if (insecure) oidc.allowInsecureRequests(config);
  return config;
}

/** `fetch` over our agent: proxy, system certificates and time limits as everywhere else. */
function fetchBy(parts: AuthorizationParts): OpenIdClient.CustomFetch {
  return async (url, options) => {
    const body = options.body;
    const reply = await exchange({
      method: options.method,
      url,
      agent: parts.agent,
      headers: options.headers,
      ...(body === undefined || body === null ? {} : { body: textOf(body) }),
    });
    parts.clock.learn(reply.headers.date);
    const headers = Object.entries(reply.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as [string, string]] : [],
    );
    return new Response(reply.body, { status: reply.status, headers });
  };
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new CodedError('internal', { detail: 'unexpected kind of request body' });
}

async function importKeyPair(jwk: EcPrivateJwk): Promise<OpenIdClient.CryptoKeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { kty, crv, x, y } = jwk;
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', { ...jwk }, algorithm, false, ['sign']),
    crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, true, ['verify']),
  ]);
  return { privateKey, publicKey };
}

type Tokens = Awaited<ReturnType<Oidc['authorizationCodeGrant']>>;

function savedSignIn(tokens: Tokens, dpopKey: EcPrivateJwk, sentAt: number): SavedSignIn {
  const claims = tokens.claims();
  const { refresh_token: refreshToken, expires_in: life } = tokens;
  if (!claims || !refreshToken || life === undefined) {
    throw new CodedError('sign_in_failed', { message: 'The control plane did not answer as a control plane does.' });
  }
  return {
    account: { person: claims.sub, name: text(claims['name']), email: text(claims['email']) },
    dpopKey,
    refreshToken,
    accessToken: tokens.access_token,
    issuedAt: sentAt,
    expiresAt: sentAt + life * 1000,
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function foreignEndpoint(): CodedError {
  return new CodedError('sign_in_failed', { message: 'The control plane names endpoints of another server.' });
}

/** The metadata was not what RFC 8414 asks for: a web page, a redirect, another status. */
function isForeign(error: unknown): boolean {
  const { cause, code } = error as { cause?: unknown; code?: unknown };
  return !(error instanceof CodedError || cause instanceof CodedError) && code !== 'OAUTH_TIMEOUT';
}

function unavailable(origin: string, status: number): CodedError {
  return new CodedError('network', {
    message: `${origin} answered with ${status}. Try again in a moment, or check the address.`,
  });
}

function noControlPlane(origin: string): CodedError {
  return new CodedError('network', { message: `What answers at ${origin} is no control plane. Check the address.` });
}

/** The server's refusal in a person's words; what openid-client found wrong stays a private detail. */
function failed(error: unknown, origin: string): CodedError {
  const { cause } = error as Error;
  if (error instanceof CodedError) return error;
  if (cause instanceof CodedError) return cause;
  const code = (error as { error?: unknown }).error;
  if (code === 'access_denied') {
    return new CodedError('sign_in_failed', { message: 'The sign-in was declined.', detail: errorText(error) });
  }
  if (code === 'temporarily_unavailable') return new CodedError('idp_unreachable', { detail: errorText(error) });
  if ((error as { code?: unknown }).code === 'OAUTH_TIMEOUT') return networkError(error, new URL(origin).host);
  return new CodedError('sign_in_failed', { detail: errorText(error), cause: error });
}

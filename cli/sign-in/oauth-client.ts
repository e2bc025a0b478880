import type http from 'node:http';
import type * as OpenIdClient from 'openid-client';
import { REFUSALS } from '#shared/api/refusals.js';
import { CodedError, errorText } from '#shared/errors.js';
import type { EcPrivateJwk, SavedSignIn, Slot } from '../credential-store/saved-sign-in.js';
import { exchange, networkError } from '../system/http.js';
import type { ServerClock } from './server-clock.js';
import type { StepUpRequest } from './step-up-request.js';

export interface AuthorizationParts {
  readonly slot: Slot;
  /** RFC 8707 resource that the tokens are for. */
  readonly resource: string;
  readonly scope: string;
  /** Seconds that the sign-in may be old: asks for a new one (RFC 9470 §4). */
  readonly maxAge?: number;
  /** Renews the session that this computer has, in place of a new one. */
  readonly stepUp?: StepUpRequest;
  /** What this computer calls itself on the confirm page. */
  readonly deviceName: string;
  readonly agent: http.Agent;
  readonly clock: ServerClock;
  readonly now: () => Date;
}

export type Oidc = typeof OpenIdClient;
type Tokens = Awaited<ReturnType<Oidc['authorizationCodeGrant']>>;

/** Reads the server's metadata (RFC 8414), which also tells its clock. Throws CodedError sign_in_failed | network. */
export async function discover(oidc: Oidc, parts: AuthorizationParts): Promise<OpenIdClient.Configuration> {
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
      throw isForeign(error) ? noControlPlane(origin) : signInFault(error, origin);
    });
  const server = found.serverMetadata();
  requireOrigin(server.token_endpoint, origin);
  const skew = Math.round(parts.clock.offset / 1000);
  const config = new oidc.Configuration(server, client, { [oidc.clockSkew]: skew }, oidc.None());
  config[oidc.customFetch] = fetch;
  // Only ever loopback: controlPlaneOrigin() lets no other http address through.
  if (insecure) oidc.allowInsecureRequests(config);
  return config;
}

/** Throws CodedError sign_in_failed where an address that the server named is not its own. */
export function requireOrigin(address: string | undefined, origin: string): void {
  if (URL.parse(address ?? '')?.origin === origin) return;
  throw new CodedError('sign_in_failed', { message: 'The control plane names endpoints of another server.' });
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

export async function importKeyPair(jwk: EcPrivateJwk): Promise<OpenIdClient.CryptoKeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { kty, crv, x, y } = jwk;
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', { ...jwk }, algorithm, false, ['sign']),
    crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, true, ['verify']),
  ]);
  return { privateKey, publicKey };
}

/** `sentAt`: when the token request left, in epoch milliseconds of this computer. */
export function savedSignIn(tokens: Tokens, dpopKey: EcPrivateJwk, sentAt: number): SavedSignIn {
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
    ...(tokens.scope === undefined ? {} : { scope: tokens.scope }),
    ...(claims.auth_time === undefined ? {} : { fresh: true }),
    issuedAt: sentAt,
    expiresAt: sentAt + life * 1000,
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
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

const OTHER_NETWORK =
  'The sign-in was refused: this computer and the browser reach the control plane from different networks, and your ' +
  'company allows device login within one network only.';

/** The server's refusal in a person's words; what openid-client found wrong stays a private detail. */
export function signInFault(error: unknown, origin: string): CodedError {
  const { cause } = error as Error;
  if (error instanceof CodedError) return error;
  if (cause instanceof CodedError) return cause;
  const { error: code, error_description: description } = error as { error?: unknown; error_description?: unknown };
  const parts = { detail: errorText(error), cause: error };
  if (code === 'access_denied') {
    const message = description === REFUSALS.otherNetwork ? OTHER_NETWORK : 'The sign-in was declined.';
    return new CodedError('sign_in_failed', { ...parts, message });
  }
  if (code === 'temporarily_unavailable') return new CodedError('idp_unreachable', parts);
  if ((error as { code?: unknown }).code === 'OAUTH_TIMEOUT') return networkError(error, new URL(origin).host);
  return new CodedError('sign_in_failed', parts);
}

import type http from 'node:http';
import { BREAK_GLASS_GRANT, PATHS } from '#shared/api/paths.js';
import { REFUSALS } from '#shared/api/refusals.js';
import { isSessionEnd } from '#shared/api/session-ends.js';
import { CodedError } from '#shared/errors.js';
import type { SavedSignIn, Slot } from '../credential-store/saved-sign-in.js';
import { exchange, type HttpReply } from '../system/http.js';
import { newDpopKey, ProofMaker } from './dpop.js';
import type { ServerClock } from './server-clock.js';

export interface TokenEndpoint {
  readonly slot: Slot;
  readonly agent: http.Agent;
  readonly clock: ServerClock;
  readonly now: () => Date;
}

/** The authorization server says that this sign-in is over (RFC 6749 §5.2); nothing else ends one. */
export class SignInOver extends Error {
  /** `why`: the sentence for the person, where it is one that we know. */
  constructor(
    code: string,
    readonly why?: string,
  ) {
    super(code);
  }
}

const RETRY = 1;
const BAD_CODE =
  'This break-glass code is not good: it was used, is older than ten minutes, or belongs to another control plane. ' +
  'Make a new one on the server’s host.';

/**
 * Refreshes by the refresh token, bound to the same DPoP key (RFC 9449 §5).
 * Throws SignInOver, or CodedError network | idp_unreachable, after which the old tokens are still good to keep.
 */
export async function refresh(endpoint: TokenEndpoint, signIn: SavedSignIn): Promise<SavedSignIn> {
  const sentAt = endpoint.now().getTime();
  const reply = await post(endpoint, signIn, PATHS.token, {
    grant_type: 'refresh_token',
    refresh_token: signIn.refreshToken,
    client_id: endpoint.slot.client,
  });
  const body = parse(reply);
  if (reply.status !== 200) throw refusal(reply, body);
  if (typeof body['access_token'] !== 'string' || typeof body['expires_in'] !== 'number') {
    throw unexpected(reply.status);
  }
  return {
    ...signIn,
    accessToken: body['access_token'],
    refreshToken: typeof body['refresh_token'] === 'string' ? body['refresh_token'] : signIn.refreshToken,
    issuedAt: sentAt,
    expiresAt: sentAt + body['expires_in'] * 1000,
  };
}

/**
 * Redeems a break-glass code for tokens that are bound to a new key and can't be renewed.
 * Throws CodedError sign_in_failed | rate_limited | network.
 */
export async function redeemBreakGlass(
  endpoint: TokenEndpoint,
  { code, resource, deviceName }: { readonly code: string; readonly resource: string; readonly deviceName: string },
): Promise<SavedSignIn> {
  const sentAt = endpoint.now().getTime();
  const dpopKey = newDpopKey();
  const reply = await post(endpoint, { dpopKey }, PATHS.token, {
    grant_type: BREAK_GLASS_GRANT,
    code,
    resource,
    device_name: deviceName,
    client_id: endpoint.slot.client,
  });
  const { access_token: accessToken, expires_in: life, scope, error } = parse(reply);
  if (reply.status === 429) throw new CodedError('rate_limited');
  if (error === 'invalid_grant') throw new CodedError('sign_in_failed', { message: BAD_CODE });
  if (reply.status !== 200 || typeof accessToken !== 'string' || typeof life !== 'number') {
    throw unexpected(reply.status);
  }
  return {
    account: { person: 'break-glass', name: 'Break-glass', email: null },
    dpopKey,
    refreshToken: '',
    accessToken,
    ...(typeof scope === 'string' ? { scope } : {}),
    fresh: true,
    issuedAt: sentAt,
    expiresAt: sentAt + life * 1000,
  };
}

/** Tells the authorization server to end the session behind these tokens (RFC 7009), by the one that can't be renewed where there is no other. Throws CodedError network. */
export async function revoke(endpoint: TokenEndpoint, signIn: SavedSignIn): Promise<void> {
  const isRenewable = signIn.refreshToken !== '';
  const reply = await post(endpoint, signIn, PATHS.revoke, {
    token: isRenewable ? signIn.refreshToken : signIn.accessToken,
    token_type_hint: isRenewable ? 'refresh_token' : 'access_token',
    client_id: endpoint.slot.client,
  });
  if (reply.status !== 200) throw unexpected(reply.status);
}

async function post(
  endpoint: TokenEndpoint,
  { dpopKey }: Pick<SavedSignIn, 'dpopKey'>,
  path: string,
  form: Record<string, string>,
): Promise<HttpReply> {
  const url = `${endpoint.slot.origin}${path}`;
  const maker = new ProofMaker(dpopKey);
  const send = (nonce?: string): Promise<HttpReply> =>
    exchange({
      method: 'POST',
      url,
      agent: endpoint.agent,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        dpop: maker.proof({ method: 'POST', url, issuedAt: endpoint.clock.seconds(), ...(nonce ? { nonce } : {}) }),
      },
      body: new URLSearchParams(form).toString(),
    });
  let reply = await send();
  for (let retry = 0; retry < RETRY && reply.status >= 400; retry += 1) {
    const moved = endpoint.clock.learn(reply.headers.date);
    const nonce = reply.headers['dpop-nonce'];
    const error = parse(reply)['error'];
    const wantsNonce = error === 'use_dpop_nonce' && typeof nonce === 'string';
    if (!wantsNonce && !(error === 'invalid_dpop_proof' && moved)) break;
    reply = await send(wantsNonce ? nonce : undefined);
  }
  endpoint.clock.learn(reply.headers.date);
  return reply;
}

function parse(reply: HttpReply): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(reply.body);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function refusal(reply: HttpReply, body: Record<string, unknown>): Error {
  const error = body['error'];
  const why = body['error_description'];
  if (error === 'invalid_grant' && isSessionEnd(why)) return new SignInOver(error, why);
  if (error === 'invalid_grant' || error === 'invalid_client') return new SignInOver(error);
  if (error === 'temporarily_unavailable') {
    const over = body['error_description'] === REFUSALS.graceOver;
    return new CodedError('idp_unreachable', over ? { message: REFUSALS.graceOver } : {});
  }
  return unexpected(reply.status);
}

function unexpected(status: number): CodedError {
  return new CodedError('network', {
    message: `The control plane answered the token request with ${status}. Try again in a moment.`,
  });
}

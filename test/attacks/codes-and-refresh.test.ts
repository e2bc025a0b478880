import { beforeAll, describe, expect, it } from 'vitest';
import { signInAs } from '../../demo/walk/sign-in.js';
import { credentials, send, type HttpAnswer } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import {
  beginSignIn,
  browserUpToCallback,
  CALLBACK,
  signIn,
  type Authorization,
  type SignedIn,
} from '../support/person.js';
import { newKey, proof, type KeyPair } from '../support/proof.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
let token: string;

beforeAll(() => {
  token = `${stack().addresses.publicUrl}/oauth/token`;
});

async function tokenRequest(keys: KeyPair | undefined, form: Record<string, string>): Promise<HttpAnswer> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const dpop = keys ? { dpop: await proof(keys, { method: 'POST', url: token }) } : {};
  const body = new URLSearchParams({ client_id: 'mcp-bridge', ...form }).toString();
  return send(token, { method: 'POST', headers: { ...headers, ...dpop }, body });
}

async function codeOf(started: Authorization): Promise<string> {
  const page = await signInAs(browserUpToCallback(), started.url, 'alice');
  return page.url.searchParams.get('code') ?? '';
}

function grant(code: string, verifier: string, redirect = CALLBACK): Record<string, string> {
  return { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirect };
}

function errorOf(answer: HttpAnswer): unknown {
  return (JSON.parse(answer.text) as { error?: unknown }).error;
}

describe('pitfall 5, replay: an authorization code', () => {
  it('is refused with another verifier, another redirect address, no proof, and the second time', async () => {
    const keys = await newKey();
    const other = await beginSignIn(stack());
    const byOtherVerifier = await tokenRequest(keys, grant(await codeOf(await beginSignIn(stack())), other.verifier));
    expect([byOtherVerifier.status, errorOf(byOtherVerifier)]).toEqual([400, 'invalid_grant']);

    const second = await beginSignIn(stack());
    const elsewhere = await tokenRequest(
      keys,
      grant(await codeOf(second), second.verifier, 'http://127.0.0.1:2/callback'),
    );
    expect([elsewhere.status, errorOf(elsewhere)]).toEqual([400, 'invalid_grant']);

    const third = await beginSignIn(stack());
    const noProof = await tokenRequest(undefined, grant(await codeOf(third), third.verifier));
    expect(noProof.status).toBe(400);
    expect(noProof.text).not.toContain('access_token');
  });

  it('used twice ends the session that it began', async () => {
    const keys = await newKey();
    const started = await beginSignIn(stack());
    const code = await codeOf(started);
    const first = await tokenRequest(keys, grant(code, started.verifier));
    expect(first.status).toBe(200);
    const { access_token: accessToken } = JSON.parse(first.text) as { access_token: string };
    const again = await tokenRequest(keys, grant(code, started.verifier));
    expect([again.status, errorOf(again)]).toEqual([400, 'invalid_grant']);
    const url = `${stack().addresses.publicUrl}/mcp`;
    const alice = { ...(await signIn(stack(), 'alice')), keys, accessToken };
    expect((await sendMcp(url, await credentials(alice, 'POST', url))).status).toBe(401);
  });
});

describe('a redirect address', () => {
  it.each([
    'http://127.0.0.1:1/evil',
    'http://127.0.0.1:1/callback/../evil',
    'http://127.0.0.1:1/callback%2f..%2fevil',
    'http://127.0.0.1:1/callback?next=http://evil.example',
    'http://127.0.0.1:1/callback#fragment',
    'http://127.0.0.1.evil.example/callback',
    'http://evil.example@127.0.0.1:1/callback',
    'http://127.0.0.1:1@evil.example/callback',
    'http://localhost:1/callback',
    'https://127.0.0.1:1/callback',
    'http://evil.example/callback',
    'javascript:alert(1)',
    '',
  ])('“%s” is refused without a redirect', async (redirect) => {
    const { url } = await beginSignIn(stack());
    url.searchParams.set('redirect_uri', redirect);
    const answer = await send(url.href);
    expect(answer.status).toBe(400);
    expect(answer.headers['location']).toBeUndefined();
    expect(answer.headers['x-frame-options']).toBe('DENY');
  });

  it('is not even looked at for an unknown client', async () => {
    const { url } = await beginSignIn(stack());
    url.searchParams.set('client_id', 'nobody');
    const answer = await send(url.href);
    expect(answer.status).toBe(400);
    expect(answer.headers['location']).toBeUndefined();
  });
});

describe('pitfall 5, downgrade: an authorization request', () => {
  it.each<[string, (url: URL) => void]>([
    ['without PKCE', (url) => url.searchParams.delete('code_challenge')],
    ['with plain PKCE', (url) => url.searchParams.set('code_challenge_method', 'plain')],
    ['for an implicit token', (url) => url.searchParams.set('response_type', 'token')],
    ['for a hybrid', (url) => url.searchParams.set('response_type', 'code id_token')],
    ['for a foreign resource', (url) => url.searchParams.set('resource', 'http://evil.example/mcp')],
  ])('%s gets an error and no code', async (_name, change) => {
    const { url } = await beginSignIn(stack());
    change(url);
    const page = await browserUpToCallback().open(url);
    expect(page.url.searchParams.get('code')).toBeNull();
    expect(page.url.search + page.url.hash + page.text).toMatch(/error|not valid|unsupported|invalid/i);
  });
});

describe('pitfall 19, refresh: a refresh token', () => {
  let alice: SignedIn;
  beforeAll(async () => {
    alice = await signIn(stack(), 'alice');
  });
  const refresh = (): Record<string, string> => ({ grant_type: 'refresh_token', refresh_token: alice.refreshToken });

  it('without a proof is refused', async () => {
    const answer = await tokenRequest(undefined, refresh());
    expect([answer.status, errorOf(answer)]).toEqual([400, 'invalid_grant']);
  });

  it('with a proof by another key is refused', async () => {
    const answer = await tokenRequest(await newKey(), refresh());
    expect([answer.status, errorOf(answer)]).toEqual([400, 'invalid_grant']);
  });

  it('presented by another client is refused', async () => {
    const answer = await tokenRequest(alice.keys, { ...refresh(), client_id: 'mcp-sso-admin' });
    expect([answer.status, errorOf(answer)]).toEqual([400, 'invalid_grant']);
  });

  it('gives no token for another resource', async () => {
    const resource = `${stack().addresses.publicUrl}/api`;
    const answer = await tokenRequest(alice.keys, { ...refresh(), resource });
    expect([answer.status, errorOf(answer)]).toEqual([400, 'invalid_target']);
  });

  it('is no access token', async () => {
    const url = `${stack().addresses.publicUrl}/mcp`;
    const asAccess = { ...alice, accessToken: alice.refreshToken };
    expect((await sendMcp(url, await credentials(asAccess, 'POST', url))).status).toBe(401);
  });

  it('with its own key still works after all of that', async () => {
    const answer = await tokenRequest(alice.keys, refresh());
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ token_type: 'DPoP', expires_in: 300 });
  });
});

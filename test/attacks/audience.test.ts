import * as oidc from 'openid-client';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../demo/walk/browser.js';
import { signInAs } from '../../demo/walk/sign-in.js';
import { CapturingUpstream } from '../support/capturing-upstream.js';
import { challenges, invalidToken } from '../support/challenge.js';
import { credentials, send } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, signInAsAuditor, type SignedIn } from '../support/person.js';
import { useStack } from '../support/stack.js';

let upstream: CapturingUpstream;
const stack = useStack(async () => {
  upstream = await CapturingUpstream.start();
  return {
    more: { servers: `  mirror: { url: ${upstream.url}, tools: { look: { effect: read } } }\n`, policies: MIRROR },
  };
});
const MIRROR = `
@id("mirror") @reason("For the test.")
permit (principal, action, resource in Mcp::Server::"mirror");
`;
const OTHER_RESOURCE = invalidToken('The access token was made for another resource.');
const REFUSED = invalidToken('The access token is not valid here.');

let origin: string;
let alice: SignedIn;
let crmOnly: SignedIn;
let dave: SignedIn;

beforeAll(async () => {
  origin = stack().addresses.publicUrl;
  alice = await signIn(stack(), 'alice');
  crmOnly = await signIn(stack(), 'alice', { resource: '/mcp/crm' });
  dave = await signInAsAuditor(stack());
});

afterAll(() => upstream[Symbol.asyncDispose]());

describe('pitfall 3, audience confusion: a token for another audience', () => {
  it('of /mcp is refused at the admin API', async () => {
    const url = `${origin}/api/v1/audit`;
    const answer = await send(url, { headers: await credentials(alice, 'GET', url) });
    expect(answer.status).toBe(401);
    expect(answer.challenges).toEqual(challenges(stack(), '/api', 'audit:read', OTHER_RESOURCE));
  });

  it('of the admin API is refused at /mcp and at a server', async () => {
    for (const path of ['/mcp', '/mcp/crm']) {
      const answer = await sendMcp(origin + path, await credentials(dave, 'POST', origin + path));
      expect(answer.status).toBe(401);
      expect(answer.challenges).toEqual(challenges(stack(), path, 'mcp', OTHER_RESOURCE));
    }
  });

  it('of one server is refused at another and at all of them, and let in at its own', async () => {
    for (const path of ['/mcp/everything', '/mcp']) {
      const answer = await sendMcp(origin + path, await credentials(crmOnly, 'POST', origin + path));
      expect(answer.status).toBe(401);
      expect(answer.challenges).toEqual(challenges(stack(), path, 'mcp', OTHER_RESOURCE));
    }
    const own = await sendMcp(`${origin}/mcp/crm`, await credentials(crmOnly, 'POST', `${origin}/mcp/crm`));
    expect(own.status).toBe(200);
  });

  it('can’t be asked for by a client that it is not for', async () => {
    await expect(signIn(stack(), 'alice', { resource: '/api', scope: 'audit:read' })).rejects.toMatchObject({
      error: 'invalid_target',
    });
    await expect(signIn(stack(), 'dave', { client: 'mcp-sso-admin', resource: '/mcp' })).rejects.toMatchObject({
      error: 'invalid_target',
    });
    await expect(signIn(stack(), 'alice', { resource: '/elsewhere' })).rejects.toMatchObject({
      error: 'invalid_target',
    });
  });
});

describe('pitfall 3, passthrough: the upstream', () => {
  const CLAIMED = {
    cookie: 'session=stolen',
    'proxy-authorization': 'Basic c3RvbGVu',
    'x-forwarded-user': 'dave',
    'x-forwarded-for': '203.0.113.9',
    'x-auth-request-email': 'dave@demo.example',
    'x-remote-user': 'dave',
    'x-api-key': 'stolen',
    'x-mcp-sso-person': 'usr_dave',
    'mcp-session-id': 'stolen',
  };

  it('never sees what the client sent to be let in, nor whom it claims to be', async () => {
    const url = `${origin}/mcp`;
    const own = await credentials(alice, 'POST', url);
    const answer = await sendMcp(url, { ...own, ...CLAIMED }, 'tools/call', { name: 'mirror__look', arguments: {} });
    expect([answer.status, answer.text.includes('done')]).toEqual([200, true]);
    expect(upstream.captured.map(({ body }) => body).join()).toContain('"tools/call"');
    const names = new Set(upstream.captured.flatMap(({ headers }) => headers.map(([name]) => name)));
    expect([...Object.keys(CLAIMED), 'authorization', 'dpop'].filter((name) => names.has(name))).toEqual([]);
    const bytes = JSON.stringify(upstream.captured);
    expect(bytes).not.toMatch(/eyJ|stolen|c3RvbGVu|dave|203\.0\.113\.9/);
    expect(bytes).not.toContain(alice.accessToken.split('.').at(-1));
  });
});

describe('pitfall 3, passthrough: a token of the company’s identity provider', () => {
  it.each(['access token for our very resource', 'ID token'])(
    'its %s is refused, as DPoP and as Bearer',
    async (kind) => {
      const { accessToken, idToken } = await tokensOfIdp();
      const token = kind === 'ID token' ? idToken : accessToken;
      const url = `${origin}/mcp`;
      const bound = await sendMcp(url, await credentials({ ...alice, accessToken: token }, 'POST', url));
      const bearer = await sendMcp(url, { authorization: `Bearer ${token}` });
      for (const answer of [bound, bearer]) {
        expect(answer.status).toBe(401);
        expect(answer.challenges).toEqual(challenges(stack(), '/mcp', 'mcp', REFUSED));
      }
    },
  );

  it('and our own ID token are no access tokens', async () => {
    const url = `${origin}/mcp`;
    const answer = await sendMcp(url, await credentials({ ...alice, accessToken: alice.idToken }, 'POST', url));
    expect(answer.status).toBe(401);
    expect(answer.challenges).toEqual(challenges(stack(), '/mcp', 'mcp', REFUSED));
  });
});

/** Signs alice in at the identity provider with the control plane's own client, stopping short of its callback. */
async function tokensOfIdp(): Promise<{ accessToken: string; idToken: string }> {
  const { issuer, publicUrl } = stack().addresses;
  const callback = `${publicUrl}/auth/callback`;
  const configuration = await oidc.discovery(
    new URL(issuer),
    'mcp-sso',
    undefined,
    oidc.ClientSecretPost(stack().idpSecret),
    { execute: [oidc.allowInsecureRequests] },
  );
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: callback,
    scope: 'openid profile email groups mcp',
    resource: `${publicUrl}/mcp`,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const page = await signInAs(new Browser((at) => at.href.startsWith(callback)), url, 'alice');
  const checks = { pkceCodeVerifier: verifier, idTokenExpected: true };
  const tokens = await oidc.authorizationCodeGrant(configuration, page.url, checks, { resource: `${publicUrl}/mcp` });
  expect(decodeJwt(tokens.access_token)).toMatchObject({ iss: issuer, aud: `${publicUrl}/mcp`, scope: 'mcp' });
  return { accessToken: tokens.access_token, idToken: tokens.id_token ?? '' };
}

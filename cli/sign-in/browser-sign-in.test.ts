import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { Provider } from 'oidc-provider';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { CredentialStore } from '../credential-store/credential-store.js';
import { FileBacking } from '../credential-store/file-backing.js';
import { KeyFile } from '../credential-store/key-file.js';
import { agentFor } from '../system/http.js';
import { BrowserOpenings } from './browser-openings.js';
import { BrowserSignIn, type SignInParts } from './browser-sign-in.js';
import { RefreshingTokens } from './refreshing-tokens.js';
import { ServerClock } from './server-clock.js';

let server: Server;
let origin: string;
let folder: string;
let opened: string[] = [];
let now = new Date();
let decline = false;
const devices: unknown[] = [];

beforeAll(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', authorizationServer(origin));
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sign-in-'));
  opened = [];
  decline = false;
  now = new Date();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('complaint 12, signs in through the browser; the tokens work, refresh, and belong to the person', async () => {
  const { signIn, tokens } = bridgeProcess();
  expect(await signIn.signedIn()).toBeUndefined();
  const { url, completed } = await signIn.begin({ openBrowser: true });
  expect(opened).toEqual([url]);
  const page = await browse(url);
  expect(await completed).toEqual({ person: 'alice', name: 'Alice Example', email: 'alice@acme.example' });
  expect(page).toContain('Alice Example (alice@acme.example)');
  expect(devices.at(-1)).toBe('laptop-7');
  const first = await tokens.authorize('POST', `${origin}/mcp`);
  tokens.refused(first, undefined);
  const second = await tokens.authorize('POST', `${origin}/mcp`);
  expect(second.authorization).not.toBe(first.authorization);
  const [, payload = ''] = second.authorization.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  expect(claims).toMatchObject({ aud: `${origin}/mcp`, client_id: 'mcp-bridge', scope: 'mcp' });
});

test('a second process shows the same address, opens nothing, and is signed in too', async () => {
  const [one, other] = [bridgeProcess(), bridgeProcess()];
  const heard = Promise.withResolvers<void>();
  const stop = other.signIn.onSignedIn(heard.resolve);
  const [first, second] = await Promise.all([
    one.signIn.begin({ openBrowser: true }),
    other.signIn.begin({ openBrowser: true }),
  ]);
  expect(second.url).toBe(first.url);
  expect(opened).toEqual([first.url]);
  await browse(first.url);
  expect((await first.completed).person).toBe('alice');
  expect((await second.completed).person).toBe('alice');
  await heard.promise;
  stop();
  await expect(other.tokens.authorize('POST', origin)).resolves.toBeDefined();
});

test('complaint 7, opens a browser by itself once in ten minutes, and whenever the person asks', async () => {
  const first = await bridgeProcess({ timeout: 1 }).signIn.begin({ openBrowser: true });
  await expect(first.completed).rejects.toMatchObject({ code: 'sign_in_expired' });
  const again = await bridgeProcess({ timeout: 1 }).signIn.begin({ openBrowser: true });
  expect([first.opened, again.opened]).toEqual([true, false]);
  await expect(again.completed).rejects.toMatchObject({ code: 'sign_in_expired' });
  const asked = await bridgeProcess({ timeout: 1 }).signIn.begin({ openBrowser: true, force: true });
  expect(asked.opened).toBe(true);
  await expect(asked.completed).rejects.toMatchObject({ code: 'sign_in_expired' });
  now = new Date(now.getTime() + 10 * 60 * 1000);
  expect((await bridgeProcess({ timeout: 1 }).signIn.begin({ openBrowser: true })).opened).toBe(true);
});

test('complaint 5, one that was killed leaves nothing that stops the next', async () => {
  const { signIn } = bridgeProcess({ timeout: 1 });
  await expect((await signIn.begin({ openBrowser: false })).completed).rejects.toBeDefined();
  const lock = (await readdir(folder)).find((name) => name.endsWith('.lock') && name.startsWith('sign-in-'));
  await writeFile(join(folder, String(lock).replace('.lock', '.url')), `${origin}/oauth/authorize?dead`);
  const { url, completed } = await bridgeProcess().signIn.begin({ openBrowser: false });
  expect(url).not.toContain('dead');
  await browse(url);
  expect((await completed).person).toBe('alice');
});

test('a declined sign-in says so, here and in the browser', async () => {
  decline = true;
  const { signIn } = bridgeProcess();
  const { url, completed } = await signIn.begin({ openBrowser: false });
  const [page] = await Promise.all([
    browse(url),
    expect(completed).rejects.toMatchObject({
      code: 'sign_in_failed',
      message: 'The sign-in was declined.',
    }),
  ]);
  expect(page).toContain('The sign-in was declined.');
  expect(await signIn.signedIn()).toBeUndefined();
});

test('never starts at a control plane that nobody named', async () => {
  await expect(bridgeProcess({ trusted: false }).signIn.begin({ openBrowser: true })).rejects.toMatchObject({
    code: 'sign_in_needed',
  });
  expect(opened).toEqual([]);
});

test('says before the browser opens that tokens could not be kept', async () => {
  await writeFile(join(folder, 'sign-ins'), 'damaged');
  await expect(bridgeProcess().signIn.begin({ openBrowser: true })).rejects.toMatchObject({ code: 'credential_store' });
  expect(opened).toEqual([]);
});

const clock = (): Date => now;

/** What one process of this person holds; several share the folder. */
function bridgeProcess(more: Partial<SignInParts> = {}): { signIn: BrowserSignIn; tokens: RefreshingTokens } {
  const endpoint = {
    slot: { origin, client: 'mcp-bridge' },
    agent: agentFor(origin, {}),
    clock: new ServerClock(clock),
    now: clock,
  };
  const store = new CredentialStore(new FileBacking(folder, new KeyFile(join(folder, 'key'))));
  const signIn = new BrowserSignIn({
    ...endpoint,
    store: () => Promise.resolve(store),
    resource: `${origin}/mcp`,
    scope: 'openid mcp',
    deviceName: 'laptop-7',
    stateFolder: folder,
    trusted: true,
    open: (url) => {
      opened.push(url);
      return Promise.resolve(true);
    },
    openings: new BrowserOpenings(folder, clock),
    ...more,
  });
  return { signIn, tokens: new RefreshingTokens(() => Promise.resolve(store), endpoint) };
}

/** Follows redirects with cookies, as a browser does, and returns the last page. */
async function browse(address: string): Promise<string> {
  const cookies = new Map<string, string>();
  for (let url = address, hops = 0; hops < 10; hops += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await fetch(url, { redirect: 'manual', headers: url.startsWith(origin) ? { cookie } : {} });
    for (const set of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    const location = reply.headers.get('location');
    if (!location) return reply.text();
    url = new URL(location, url).href;
  }
  throw new Error('too many redirects');
}

/** A small authorization server with the product's rules, where everybody is alice. */
function authorizationServer(issuer: string): (request: unknown, response: unknown) => void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'mcp-bridge',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/callback'],
        id_token_signed_response_alg: 'ES256',
        dpop_bound_access_tokens: true,
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'k' }] },
    routes: { authorization: '/oauth/authorize', token: '/oauth/token' },
    scopes: ['openid'],
    claims: { openid: ['sub', 'email', 'name'] },
    extraParams: ['device_name'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    cookies: { keys: [randomUUID()] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: 'Alice Example', email: 'alice@acme.example' }),
    }),
    issueRefreshToken: () => true,
    rotateRefreshToken: false,
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => `${issuer}/mcp`,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => ({
          scope: 'mcp',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
  const serve = provider.callback();
  return (request, response) => {
    const [req, res] = [request as Parameters<typeof serve>[0], response as Parameters<typeof serve>[1]];
    if (req.url?.startsWith('/interaction/')) void finishInteraction(provider, req, res);
    else void serve(req, res);
  };
}

async function finishInteraction(
  provider: Provider,
  request: Parameters<Provider['interactionDetails']>[0],
  response: Parameters<Provider['interactionDetails']>[1],
): Promise<void> {
  const details = await provider.interactionDetails(request, response);
  devices.push(details.params['device_name']);
  if (decline) {
    await provider.interactionFinished(request, response, { error: 'access_denied' });
    return;
  }
  const grant = new provider.Grant({ accountId: 'alice', clientId: 'mcp-bridge' });
  grant.addOIDCScope('openid');
  grant.addResourceScope(String(details.params['resource']), 'mcp');
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { login: { accountId: 'alice' }, consent });
}

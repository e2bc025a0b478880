import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DocumentFetch } from '../../control-plane/identity/clients/document-fetch.js';
import { MetadataDocuments } from '../../control-plane/identity/clients/metadata-documents.js';
import { startApplication, type TestApplication } from '../../control-plane/identity/testing/application.js';
import { TestBrowser } from '../../control-plane/identity/testing/browser.js';
import { register, RemoteClient } from '../../control-plane/identity/testing/remote-client.js';
import { TlsServer } from '../support/tls-server.js';

const GOOD = { clientId: 'https://claude.test/oauth/client', redirectUri: 'https://claude.test/callback' };
const LOCAL = { clientId: 'https://desk.test/oauth/client', redirectUri: 'http://localhost/callback' };

let system: TestApplication;
/** Counts who connects, and never answers. */
let trap: Server;
let connections = 0;
let port: number;

beforeAll(async () => {
  trap = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  trap.listen(0, '127.0.0.1');
  await once(trap, 'listening');
  ({ port } = trap.address() as AddressInfo);
  system = await startApplication({
    clients: {
      metadataDocuments: {
        hosts: [`localhost:${port}`, 'published.test'],
        seeded: {
          [GOOD.clientId]: { redirect_uris: [GOOD.redirectUri, `${GOOD.redirectUri}/second`] },
          [LOCAL.clientId]: { redirect_uris: [LOCAL.redirectUri] },
        },
      },
      registration: { redirectHosts: ['claude.test', 'evil.test', 'localhost'] },
    },
  });
  system.idp.users.set('alice', { email: 'alice@corp.test', groups: [], active: true });
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  trap.close();
});

describe('pitfall 4, confused deputy', () => {
  it('a second client gets no code out of a consent that was given to the first', async () => {
    const first = await RemoteClient.of(system.publicUrl, GOOD);
    await first.signIn('alice');
    const redirectUri = 'https://evil.test/callback';
    const { body } = await register(system.publicUrl, { client_name: 'claude.test', redirect_uris: [redirectUri] });
    const second = await RemoteClient.of(system.publicUrl, { clientId: body.client_id, redirectUri }, first.browser);
    const page = await first.browser.open(await second.authorizationUrl(), redirectUri);
    expect(page.url.pathname).toMatch(/\/confirm$/);
    expect(page.text).toContain('<h1>Let the app at evil.test in?</h1>');
    expect(page.text).toContain('as the app says; not verified');
  });

  it('the same client is asked again for another way back, and for the same', async () => {
    const first = await RemoteClient.of(system.publicUrl, GOOD);
    await first.signIn('alice');
    for (const redirectUri of [GOOD.redirectUri, `${GOOD.redirectUri}/second`]) {
      const again = await RemoteClient.of(system.publicUrl, { ...GOOD, redirectUri }, first.browser);
      const page = await first.browser.open(await again.authorizationUrl(), GOOD.redirectUri);
      expect(page.url.pathname).toMatch(/\/confirm$/);
    }
  });

  it('the form of one client’s page approves no other client', async () => {
    const victim = await RemoteClient.of(system.publicUrl, GOOD);
    const confirm = await victim.toConfirmPage('alice');
    const redirectUri = 'https://evil.test/callback';
    const { body } = await register(system.publicUrl, { redirect_uris: [redirectUri] });
    const evil = await RemoteClient.of(system.publicUrl, { clientId: body.client_id, redirectUri }, victim.browser);
    const other = await victim.browser.open(await evil.authorizationUrl(), redirectUri);
    const mixed = { ...confirm, text: confirm.text.replace(/action="[^"]*"/, `action="${other.url.pathname}"`) };
    const answer = await victim.browser.submit(mixed, { decision: 'approve' }, redirectUri);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.url.searchParams.get('code')).toBeNull();
  });
});

describe('pitfall 6, open redirect', () => {
  it.each([
    'https://claude.test/callback/evil',
    'https://claude.test/callback/',
    'https://claude.test/callback?next=https://evil.test',
    'https://claude.test/callback#x',
    'https://claude.test/callback%2f..',
    'https://claude.test:8443/callback',
    'https://CLAUDE.test/callback',
    'https://claude.test@evil.test/callback',
    'https://claude.test.evil.test/callback',
    'https://evil.test/callback',
    'http://claude.test/callback',
    'http://localhost/callback',
    'javascript:alert(1)',
    '',
  ])('“%s” is refused without a redirect', async (redirectUri) => {
    expect(await answerTo(GOOD.clientId, redirectUri)).toMatchObject(REFUSED);
  });

  it.each([
    'http://localhost:1/evil',
    'http://localhost.evil.test:1/callback',
    'http://127.0.0.1:1/callback',
    'http://localhost:1@evil.test/callback',
    'https://localhost:1/callback',
  ])('on this computer only the port may differ, not “%s”', async (redirectUri) => {
    expect(await answerTo(LOCAL.clientId, redirectUri)).toMatchObject(REFUSED);
  });
});

/** A page, and no redirect. */
const REFUSED = { status: 400, location: null };

async function answerTo(clientId: string, redirectUri: string) {
  const client = await RemoteClient.of(system.publicUrl, { clientId, redirectUri: 'https://claude.test/callback' });
  const response = await new TestBrowser().fetch(await client.authorizationUrl({ redirect_uri: redirectUri }));
  const text = await response.text();
  return { status: response.status, location: response.headers.get('location'), text };
}

describe('pitfall 13, SSRF', () => {
  it('nothing at a special address is fetched, however it is written', async () => {
    const before = connections;
    const places = [
      `https://localhost:${port}/client`,
      `https://localhost.:${port}/client`,
      `https://LOCALHOST:${port}/client`,
      `https://x@localhost:${port}/client`,
      `https://127.0.0.1:${port}/client`,
      `https://127.1:${port}/client`,
      `https://2130706433:${port}/client`,
      `https://0x7f000001:${port}/client`,
      `https://[::1]:${port}/client`,
      `https://[::ffff:127.0.0.1]:${port}/client`,
      'https://169.254.169.254/latest/meta-data',
      `http://localhost:${port}/client`,
      `https://published.test.evil.test/client`,
      `https://published.test:8443/client`,
    ];
    for (const clientId of places) expect(await answerTo(clientId, GOOD.redirectUri)).toMatchObject(REFUSED);
    expect(connections).toBe(before);
    const { text } = await answerTo('https://evil.test/client', GOOD.redirectUri);
    expect(text).toContain('identity.clients.metadataDocuments.hosts');
  });

  it('one special address among those of a name is enough, and a name is resolved once', async () => {
    await using server = await TlsServer.start();
    server.answer = (_request, response) => void response.end('{}');
    const asked: string[] = [];
    const fetchOf = (...addresses: string[]) =>
      new DocumentFetch({
        maxBytes: 100,
        ca: server.ca,
        permits: (address) => address === '127.0.0.1',
        resolve: (name, _options, done) => {
          asked.push(name);
          // The second answer of a rebinding server.
          const given = asked.length > 1 ? ['10.0.0.1'] : addresses;
          done(
            null,
            given.map((address) => ({ address, family: 4 })),
          );
        },
      });
    await expect(fetchOf('127.0.0.1').read(`${server.origin}/client`)).resolves.toMatchObject({ text: '{}' });
    expect(asked).toEqual(['localhost']);
    asked.length = 0;
    await expect(fetchOf('127.0.0.1', '10.0.0.1').read(server.origin)).rejects.toThrow('10.0.0.1, which is not public');
    expect(server.requests).toBe(1);
  });

  it.each<[string, TlsServer['answer']]>([
    [
      'redirects',
      (_request, response) => void response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end(),
    ],
    ['is too long', (_request, response) => void response.end('x'.repeat(6_000))],
    ['never ends', (_request, response) => void response.write('{')],
  ])('a document that %s is not read', async (_what, answer) => {
    const before = connections;
    await using server = await TlsServer.start();
    server.answer = answer;
    const fetching = new DocumentFetch({ maxBytes: 5_120, ca: server.ca, permits: () => true });
    await expect(fetching.read(`${server.origin}/client`)).rejects.toThrow(/status 302|more than 5120 bytes|timeout/);
    expect([server.requests, connections - before]).toEqual([1, 0]);
  });
});

describe('pitfall 14, documents as a weapon', () => {
  it.each<[string, string]>([
    ['is no JSON', '<html>'],
    ['names another client', JSON.stringify({ client_id: GOOD.clientId, redirect_uris: [GOOD.redirectUri] })],
    ['has nowhere to return to', '{}'],
  ])('one that %s is fetched once, however often it is asked for', async (_what, text) => {
    await using server = await TlsServer.start();
    server.answer = (_request, response) => void response.end(text);
    const documents = documentsOf(server);
    const ask = () => documents.metadata(`${server.origin}/client`);
    const results = await Promise.allSettled([ask(), ask(), ask()]);
    results.push(...(await Promise.allSettled([ask(), ask()])));
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'rejected'));
    expect(server.requests).toBe(1);
  });

  it('a good one is fetched once as well, and a client that wants a secret is none', async () => {
    await using server = await TlsServer.start();
    const clientId = `${server.origin}/client`;
    const document = { client_id: clientId, redirect_uris: [GOOD.redirectUri], token_endpoint_auth_method: 'none' };
    server.answer = ({ url }, response) => {
      const secret = { ...document, client_id: server.origin + url, token_endpoint_auth_method: 'client_secret_post' };
      response.end(JSON.stringify(url === '/client' ? document : secret));
    };
    const documents = documentsOf(server);
    const known = await Promise.all([documents.metadata(clientId), documents.metadata(clientId)]);
    expect(known[0]).toMatchObject({ client_id: clientId, token_endpoint_auth_method: 'none' });
    expect(server.requests).toBe(1);
    await expect(documents.metadata(`${server.origin}/secret`)).rejects.toMatchObject({ error: 'invalid_client' });
  });
});

function documentsOf(server: TlsServer): MetadataDocuments {
  return new MetadataDocuments({ hosts: [server.host], seeded: {} }, { ca: server.ca, permits: () => true });
}

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { acceptingIdp, CLIENT_SECRET, inspectedClient } from '../../testing/inspected-client.js';
import { ScriptedIdp } from '../../testing/scripted-idp.js';
import { inspectProvider } from './inspect-provider.js';

/** A server that answers everything alike; resolves to its address. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a provider that is as configured: nothing is said, and a made-up code was shown with our credentials', async () => {
  await using idp = await acceptingIdp();
  expect(await inspectProvider(inspectedClient(idp.issuer))).toEqual([]);
  const shown = idp.requests.find(({ path }) => path === '/token')?.form;
  expect(Object.fromEntries(shown ?? [])).toMatchObject({
    grant_type: 'authorization_code',
    code: 'mcp-sso-check',
    client_id: 'control-plane',
    client_secret: CLIENT_SECRET,
    redirect_uri: 'http://127.0.0.1:9/auth/callback',
  });
});

test.each([
  [3600, '60 minutes behind'],
  [-3600, '60 minutes ahead of'],
])('a clock that is off by %i seconds', async (ahead, words) => {
  await using idp = await acceptingIdp();
  idp.ahead = ahead;
  expect(await inspectProvider(inspectedClient(idp.issuer))).toEqual([
    {
      severity: 'fault',
      key: '',
      message: `the clock of this machine is ${words} the identity provider corp`,
      fix: 'set this machine’s clock right (NTP), or that of the provider',
    },
  ]);
});

test.each<[string, RequestListener]>([
  ['answered with 404', (_request, response) => void response.writeHead(404).end()],
  [
    'it leads elsewhere, and redirects are not followed',
    (_request, response) => void response.writeHead(302, { location: '/x' }).end(),
  ],
  ['the answer is not JSON', (_request, response) => void response.end('<html>')],
  ['the answer is larger than 256 KiB', (_request, response) => void response.end(' '.repeat(300_000))],
])('metadata that cannot be read: %s', async (reason, listener) => {
  const issuer = await answering(listener);
  expect(await inspectProvider(inspectedClient(issuer))).toEqual([
    {
      severity: 'fault',
      key: 'issuer',
      message: `the metadata of the provider cannot be read: ${reason}`,
      fix: 'correct the issuer, or let this machine reach it; the documentation of your provider says where it shows its issuer; check --offline does not ask it',
    },
  ]);
});

test('nothing there, and nothing that answers in time', async () => {
  const silent = await answering(() => undefined);
  const gone = await ScriptedIdp.start();
  await gone[Symbol.asyncDispose]();
  expect(await inspectProvider(inspectedClient(gone.issuer))).toMatchObject([
    { message: 'the metadata of the provider cannot be read: nothing answers there' },
  ]);
  expect(await inspectProvider(inspectedClient(silent), 50)).toMatchObject([
    { message: 'the metadata of the provider cannot be read: it did not answer in time' },
  ]);
});

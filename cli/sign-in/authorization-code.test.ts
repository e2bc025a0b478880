import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { agentFor } from '../system/http.js';
import { startAuthorization, type PendingAuthorization } from './authorization-code.js';
import { ServerClock } from './server-clock.js';

let server: Server;
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const now = (): Date => new Date();

async function startAt(listener: RequestListener): Promise<PendingAuthorization> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const parts = {
    slot: { origin, client: 'mcp-bridge' },
    resource: `${origin}/mcp`,
    scope: 'openid mcp',
    deviceName: 'laptop-7',
    agent: agentFor(origin, {}),
    clock: new ServerClock(now),
    now,
  };
  return startAuthorization(parts, 'http://127.0.0.1:1/callback');
}

test.each<[string, RequestListener]>([
  ['a web page', (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hi</h1>')],
  ['a page of an error', (_request, response) => response.writeHead(404).end('not here')],
  ['a redirect', (_request, response) => response.writeHead(302, { location: 'https://evil.example/' }).end()],
  [
    'the metadata of another issuer',
    (_request, response) =>
      response.setHeader('content-type', 'application/json').end('{"issuer":"https://evil.example"}'),
  ],
  ['more than a control plane would say', (_request, response) => response.end('x'.repeat(2 * 1024 * 1024))],
])('%s is no control plane, and says to check the address', async (_what, listener) => {
  await expect(startAt(listener)).rejects.toMatchObject({
    code: 'network',
    message: expect.stringMatching(/is no control plane\. Check the address\.$/) as string,
  });
});

test('a control plane that is restarting says to try again', async () => {
  await expect(startAt((_request, response) => response.writeHead(503).end('{}'))).rejects.toMatchObject({
    code: 'network',
    message: expect.stringMatching(/answered with 503\. Try again in a moment/) as string,
  });
});

test('endpoints of another server are refused', async () => {
  const started = startAt((request, response) => {
    const issuer = `http://${request.headers.host}`;
    const endpoints = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: 'http://127.0.0.1:1/token' };
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ issuer, ...endpoints }));
  });
  await expect(started).rejects.toMatchObject({ code: 'sign_in_failed' });
});

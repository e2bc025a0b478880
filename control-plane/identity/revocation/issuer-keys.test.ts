import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { issuerKeys } from './issuer-keys.js';

const ASKED = [
  { alg: 'ES256', kid: 'a' },
  { payload: '', signature: '' },
] as const;

test.each([
  ['endless keys', '/large', 'larger than 256 KiB'],
  ['keys at another address', '/moved', 'fetch failed'],
])('%s are not read', async (_, path, message) => {
  const followed: string[] = [];
  const server = createServer((request, response) => {
    followed.push(request.url ?? '');
    if (request.url === '/moved') response.writeHead(302, { location: '/inside' }).end();
    else response.end(JSON.stringify({ keys: [], more: 'x'.repeat(300_000) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const keys = issuerKeys(() => Promise.resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`));
  await expect(Promise.resolve(keys(...ASKED))).rejects.toThrow(message);
  expect(followed).toEqual([path]);
  server.closeAllConnections();
  server.close();
});

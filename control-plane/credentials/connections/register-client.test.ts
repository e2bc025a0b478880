import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { LOOPBACK } from '../../egress/testing/loopback.js';
import { guardedFetch } from '../../egress/guarded-fetch.js';
import type { AuthorizationServer } from './discovery/authorization-server.js';
import { registerClient, type Registration } from './register-client.js';

const OURS = 'https://mcp.corp.test/connect/callback';
const NOW = Date.UTC(2026, 10, 23);
const YEARS = 10 * 365 * 86_400_000;

let server: Server;
let answer = '';
let endpoint = '';

beforeAll(async () => {
  server = createServer((_request, response) => void response.writeHead(201).end(answer)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/register`;
});
afterAll(() => server.close());
afterEach(() => vi.useRealTimers());

const registered = async (text: string): Promise<Registration> => {
  answer = text;
  const metadata = { issuer: 'https://login.test', registration_endpoint: endpoint, reach: 'private' };
  return registerClient(guardedFetch({ privateNetworks: LOOPBACK }), metadata as AuthorizationServer, OURS);
};
const member = (name: string, value: string): string =>
  `{"client_id":"us","client_secret":"a-secret-of-ours","token_endpoint_auth_method":"client_secret_post","${name}":${value}}`;

test('what is registered, with our address and with none said', async () => {
  const client = { clientId: 'us', clientSecret: 'a-secret-of-ours', method: 'client_secret_post', expiresAt: null };
  expect(await registered(member('redirect_uris', `["https://other.test/","${OURS}"]`))).toEqual(client);
  expect(await registered(member('client_name', '"x"'))).toEqual(client);
  expect(await registered('{"client_id":"us","client_secret":null}')).toEqual({
    clientId: 'us',
    clientSecret: null,
    method: 'none',
    expiresAt: null,
  });
});

test.for([
  ['redirect_uris', '["https://evil.test/"]', 'redirect_uris lacks our address'],
  ['redirect_uris', '[]', 'redirect_uris lacks our address'],
  ['redirect_uris', '"x"', 'redirect_uris is no list of addresses'],
  ['redirect_uris', '[1]', 'its answer is no registration'],
  ['client_id', '7', 'client_id is no text'],
  ['client_id', '""', 'client_id is no id'],
  ['client_id', '"a\\nb"', 'client_id is no id'],
  ['client_id', `"${'x'.repeat(2_049)}"`, 'client_id is too long'],
  ['client_secret', `"${'x'.repeat(4_097)}"`, 'client_secret is too long'],
  ['client_secret', '"sécret"', 'client_secret is no secret'],
  ['token_endpoint_auth_method', '"private_key_jwt"', 'token_endpoint_auth_method is one that we do not have'],
  ['token_endpoint_auth_method', '"client_secret_basic "', 'token_endpoint_auth_method is one that we do not have'],
  ['client_secret_expires_at', '"soon"', 'client_secret_expires_at is no time'],
  ['client_secret_expires_at', '{}', 'client_secret_expires_at is no time'],
  ['client_secret_expires_at', '-1', 'client_secret_expires_at is over already'],
  ['client_secret_expires_at', '86400', 'client_secret_expires_at is over already'],
] as const)('%s: %s is refused in words', async ([name, value, reason]) => {
  const fault = await registered(member(name, value)).catch((error: unknown) => error);
  expect(fault).toMatchObject({
    name: 'DiscoveryFault',
    message: `${endpoint} does not register us as it should: ${reason}`,
    isOutage: false,
  });
});

test.for([
  ['0', null],
  ['null', null],
  ['1795392001', 1_795_392_001_000],
  ['"1795392001"', 1_795_392_001_000],
  ['1795392001.75', 1_795_392_001_000],
  ['1795392001000', NOW + YEARS],
  ['1e308', NOW + YEARS],
  ['1e999', NOW + YEARS],
] as const)('a secret that ends at %s', async ([said, expected]) => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  expect((await registered(member('client_secret_expires_at', said))).expiresAt).toBe(expected);
});

test('what is no registration at all gives nothing of itself away', async () => {
  for (const text of ['a-secret-of-ours', '[]', '"a-secret-of-ours"']) {
    const fault = await registered(text).catch((error: unknown) => error);
    expect(String(fault)).toMatch(/ as it should: its answer is no (?:JSON|registration)$/);
  }
});

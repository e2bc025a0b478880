import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { credentialSettings, type CredentialOf } from '../../../config/credential-settings.js';
import { guardedFetch, type GuardedFetch } from '../../../egress/guarded-fetch.js';
import { LOOPBACK } from '../../../egress/testing/loopback.js';
import { registerClient } from '../register-client.js';
import { Discovery } from './discovery.js';

/** Says whatever it is told to say, and notes what it is asked. */
class Site {
  readonly asked: string[] = [];
  readonly pages: Record<string, object> = {};
  challenge = '';

  private constructor(
    readonly origin: string,
    readonly server: Server,
  ) {}

  static async start(): Promise<Site> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const site = new Site(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    server.on('request', ({ url = '', method = '' }, response) => {
      site.asked.push(`${method} ${url}`);
      const page = site.pages[url];
      if (page) response.end(JSON.stringify(page));
      else response.writeHead(url === '/mcp' ? 401 : 404, { 'www-authenticate': site.challenge }).end();
    });
    return site;
  }

  publishes(more: object = {}): void {
    this.pages['/.well-known/oauth-authorization-server'] = {
      issuer: this.origin,
      authorization_endpoint: `${this.origin}/authorize`,
      token_endpoint: `${this.origin}/token`,
      registration_endpoint: `${this.origin}/register`,
      code_challenge_methods_supported: ['S256'],
      ...more,
    };
  }
}

const METADATA = '/.well-known/oauth-protected-resource/mcp';
const CREDENTIAL = credentialSettings.parse({ kind: 'oauth' }) as CredentialOf<'oauth'>;

let outside: Site;
let company: Site;
let discovery: Discovery;

/** The real guard, for which the site outside is on the internet: where no test gets to. */
const guard = guardedFetch({ privateNetworks: LOOPBACK });
const fetch: GuardedFetch = async (url, options = {}) => {
  if (new URL(url).origin !== outside.origin) return guard(url, options);
  return Object.assign(await guard(url, { ...options, reach: 'private' }), { from: 'public' as const });
};

beforeEach(async () => {
  [outside, company] = await Promise.all([Site.start(), Site.start()]);
  discovery = new Discovery(fetch);
  company.publishes();
  outside.publishes();
});
afterEach(() => {
  for (const { server } of [outside, company]) {
    server.closeAllConnections();
    server.close();
  }
});

const named = (site: Site, issuer: string): void => {
  site.pages[METADATA] = { resource: `${site.origin}/mcp`, authorization_servers: [issuer] };
};
const found = (site: Site, settings = CREDENTIAL) => discovery.find(`${site.origin}/mcp`, settings);

test('a public server names no private authorization server', async () => {
  named(outside, company.origin);
  await expect(found(outside)).rejects.toMatchObject({
    name: 'DiscoveryFault',
    message: expect.stringContaining('127.0.0.1 is not public') as string,
    fix: expect.stringContaining('issuer of the credential') as string,
  });
  expect(company.asked).toEqual([]);
});

test('nor private metadata of itself, by its challenge', async () => {
  outside.challenge = `Bearer resource_metadata="${company.origin}/admin?delete=everything"`;
  await expect(found(outside)).rejects.toThrow('127.0.0.1 is not public');
  expect(company.asked).toEqual([]);
});

test('nor, by a public authorization server, private endpoints', async () => {
  named(outside, outside.origin);
  outside.publishes({ registration_endpoint: `${company.origin}/register`, token_endpoint: `${company.origin}/token` });
  const { server } = await found(outside);
  expect(server.reach).toBe('public');
  await expect(registerClient(fetch, server, 'https://mcp.test/')).rejects.toThrow('127.0.0.1 is not public');
  expect(company.asked).toEqual([]);
});

test('nor what was found for a server that may', async () => {
  named(company, company.origin);
  expect((await found(company)).server.reach).toBe('private');
  const before = company.asked.length;
  named(outside, company.origin);
  await expect(found(outside)).rejects.toThrow('127.0.0.1 is not public');
  expect(company.asked).toHaveLength(before);
});

test('what the settings name may be private, and what that names', async () => {
  const settings = { ...CREDENTIAL, issuer: company.origin };
  const { server, reach } = await found(outside, settings);
  expect([server.issuer, server.reach, reach]).toEqual([company.origin, 'private', 'private']);
  await expect(registerClient(fetch, server, 'https://mcp.test/')).rejects.toThrow('HTTP 404');
  expect(company.asked).toContain('POST /register');
});

test('a private server that names a public one gives it no say about private addresses', async () => {
  named(company, outside.origin);
  outside.publishes({ registration_endpoint: `${company.origin}/register` });
  const { server } = await found(company);
  await expect(registerClient(fetch, server, 'https://mcp.test/')).rejects.toThrow('127.0.0.1 is not public');
  expect(company.asked).not.toContain('POST /register');
});

import { expect, test } from 'vitest';
import { settingsSchema } from './settings.js';
import { warningsOf } from './warnings.js';

function warnings(change: object): string[] {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: {
      providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'abc', clientSecret: 'env:IDP_SECRET' } },
    },
    roles: {},
    servers: {},
    ...change,
  });
  return warningsOf(settings);
}

function warningsOfServer(server: object): string[] {
  return warnings({ trustedProxies: ['10.0.0.0/8'], servers: { old: server } });
}

test('a TLS proxy that is not named is warned about: all addresses would be its own', () => {
  expect(warnings({})).toEqual([
    'trustedProxies: empty, so every client seems to come from the address of your TLS proxy, ' +
      'so identity.deviceLogin takes all for one network',
  ]);
  expect(warnings({ trustedProxies: ['10.0.0.0/8'] })).toEqual([]);
  expect(warnings({ publicUrl: 'http://127.0.0.1:8700' })).toEqual([]);
});

test('an address of the older transport is warned about, unless the transport is written down', () => {
  const url = 'https://mcp.acme.example/old/sse';
  const warning =
    'servers.old.url: looks like a server of the older HTTP+SSE transport; write transport: sse if it is one, or streamable-http';
  expect(warningsOfServer({ url })).toEqual([warning]);
  expect(warningsOfServer({ url: `${url}/?team=1` })).toEqual([warning]);
  expect(warningsOfServer({ url, transport: 'sse' })).toEqual([]);
  expect(warningsOfServer({ url: 'https://mcp.acme.example/classes' })).toEqual([]);
});

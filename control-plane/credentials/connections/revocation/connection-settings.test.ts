import { expect, test } from 'vitest';
import { settingsSchema } from '../../../config/settings.js';
import { settingsOf } from './connection-settings.js';

const OAUTH = { kind: 'oauth' };
const { servers } = settingsSchema.parse({
  publicUrl: 'https://mcp.test',
  identity: { providers: {} },
  servers: {
    open: { url: 'https://open.test', credential: OAUTH },
    fixed: {
      url: 'https://fixed.test',
      credential: { kind: 'bearer', secret: 'env:X' },
      credentialFor: [
        { groups: ['corp/a'], credential: { ...OAUTH, clientId: 'any' } },
        { groups: ['corp/b'], credential: { ...OAUTH, clientId: 'one', issuer: 'https://one.test' } },
        {
          groups: ['corp/c'],
          credential: {
            ...OAUTH,
            clientId: 'two',
            authorizationEndpoint: 'https://two.test/authorize',
            tokenEndpoint: 'https://two.test/token',
          },
        },
      ],
    },
    only: { url: 'https://only.test', credential: { ...OAUTH, issuer: 'https://one.test' } },
    plain: { url: 'https://plain.test' },
  },
});

test.each([
  ['open', 'https://any.test', undefined],
  ['fixed', 'https://one.test', 'one'],
  ['fixed', 'https://two.test', 'two'],
  ['fixed', 'https://any.test', 'any'],
])('a connection to %s by %s is still made by its settings', (server, issuer, clientId) => {
  const found = settingsOf(servers, { server, issuer });
  expect([found?.kind, found?.clientId]).toEqual(['oauth', clientId]);
});

test.each([
  ['only', 'https://other.test'],
  ['plain', 'https://one.test'],
  ['gone', 'https://one.test'],
  ['constructor', 'https://one.test'],
])('a connection to %s by %s is made by none any more', (server, issuer) => {
  expect(settingsOf(servers, { server, issuer })).toBeUndefined();
});

import { expect, test } from 'vitest';
import { keyText } from './key-path.js';
import { credentialFindings } from './check-credentials.js';

const CLIENT = {
  kind: 'client-credentials',
  tokenEndpoint: 'https://login.example/token',
  clientId: 'c',
  clientSecret: 'env:S',
};
const BEARER = { kind: 'bearer', secret: 'env:S' };
const GITHUB = { kind: 'github-app', appId: 1, installationId: 2, privateKey: 'env:K' };
const PERSONAL = { kind: 'oauth', variable: 'TOKEN' };
const HTTP = { url: 'https://crm.acme.example/mcp' };
const HOSTED = { command: ['./bin'] };

function findings(crm: object): string[] {
  return credentialFindings({ servers: { crm } }).map(({ path, message }) => `${keyText(path)}: ${message}`);
}

test.each([
  [{ ...HTTP, credential: CLIENT, tools: { find: { scopes: ['crm:read'] } } }],
  [{ ...HTTP, credential: GITHUB, tools: { find: { scopes: ['contents:read'] } } }],
  [{ ...HTTP, credential: BEARER, tools: { find: { effect: 'read' } } }],
  [{ ...HOSTED, credential: { ...GITHUB, variable: 'TOKEN' }, env: { OTHER: 'x' }, shared: true, credentialFor: [] }],
  [{ ...HOSTED, credential: PERSONAL }],
])('%j is right', (crm) => {
  expect(findings(crm)).toEqual([]);
});

test.each([
  [{ ...HTTP, credential: BEARER }, 'a bearer credential has no scopes to narrow'],
  [HTTP, 'no credential has no scopes to narrow'],
  [
    { ...HTTP, credential: CLIENT, credentialFor: [{ groups: ['okta/a'], credential: BEARER }] },
    'a bearer credential has no scopes to narrow',
  ],

  [
    { ...HOSTED, credential: { ...CLIENT, variable: 'TOKEN' } },
    'a hosted server gets its token when it starts, not for each call',
  ],
])('scopes of a tool that %j could not keep', (crm, message) => {
  const tools = { find: { scopes: ['crm:read'] } };
  expect(findings({ ...crm, tools })).toEqual([`servers.crm.tools.find.scopes: ${message}`]);
});

test('a secret of an account that only the MCP server could say whose it is', () => {
  const oauth = { kind: 'oauth', clientId: 'c', clientSecret: 'env:S' };
  expect(findings({ ...HTTP, credential: oauth })).toEqual([
    'servers.crm.credential.clientSecret: it does not say whose it is',
  ]);
  const endpoints = { authorizationEndpoint: 'https://login.example/a', tokenEndpoint: 'https://login.example/t' };
  const named = [{ issuer: 'https://login.example' }, endpoints];
  expect(named.flatMap((by) => findings({ ...HTTP, credential: { ...oauth, ...by } }))).toEqual([]);
});

test('scopes of a tool that are no permissions of a GitHub App', () => {
  const tools = { find: { scopes: ['contents:delete'] } };
  expect(findings({ ...HTTP, credential: GITHUB, tools })).toEqual([
    'servers.crm.tools.find.scopes: not permissions of a GitHub App',
  ]);
});

test.each([
  [{ credential: BEARER }, 'credential: a hosted server gets no HTTP request that could carry it'],
  [{ credential: CLIENT }, 'credential: it does not say how the server gets the token'],
  [{ credential: PERSONAL, shared: true }, 'credential: each person has their own, but one process serves everyone'],
  [{ credential: PERSONAL, env: { TOKEN: 'x' } }, 'credential.variable: env has TOKEN already'],
  [
    { credentialFor: [{ groups: ['okta/a'], credential: { ...GITHUB, variable: 'TOKEN' } }], shared: true },
    'credentialFor: one process serves everyone, and has one credential',
  ],
])('a hosted server with %j', (more, finding) => {
  expect(findings({ ...HOSTED, ...more })).toEqual([`servers.crm.${finding}`]);
});

test.each([
  [
    { ...CLIENT, privateKey: 'env:K' },
    ['servers.crm.credential.privateKey: clientSecret and privateKey exclude each other'],
  ],
  [
    { kind: 'client-credentials', clientId: 'c', clientSecret: 'env:S' },
    ['servers.crm.credential: it does not say who gives the token'],
  ],
  [
    { kind: 'client-credentials', clientId: 'c', issuer: 'https://login.example' },
    ['servers.crm.credential: nothing proves the client'],
  ],
  [{ ...GITHUB, variable: 'TOKEN' }, ['servers.crm.credential.variable: only a hosted server has an environment']],
])('%j', (credential, expected) => {
  expect(findings({ ...HTTP, credential })).toEqual(expected);
});

test.each([
  [{ clientSecret: 'env:S' }, ['servers.crm.credential.clientSecret: it does not say whose it is']],
  [
    { privateKey: 'env:K', tokenEndpoint: 'https://login.example/token' },
    ['servers.crm.credential.tokenEndpoint: it does not say whose it is'],
  ],
  [{ privateKey: 'env:K' }, []],
  [{ clientSecret: 'env:S', issuer: 'https://login.example' }, []],
])('cross-app-access with %j: a secret goes to nobody whom only the server names', (more, expected) => {
  expect(findings({ ...HTTP, credential: { kind: 'cross-app-access', clientId: 'c', ...more } })).toEqual(expected);
});

import { expect, test } from 'vitest';
import { clientMayUse, defaultResource, resourceMetadataUrl, scopesOf } from './resources.js';

const URL_ = 'https://mcp.corp.test';

test.for([
  [`${URL_}/mcp`, true, false],
  [`${URL_}/mcp/crm`, true, false],
  [`${URL_}/api`, false, true],
  [`${URL_}/mcp/`, false, false],
  [`${URL_}/mcp/Bad_Name`, false, false],
  [`${URL_}/mcp/crm/x`, false, false],
  [`${URL_}/mcp/../api`, false, false],
  [`${URL_}/api/`, false, false],
  [URL_, false, false],
  ['https://evil.test/mcp', false, false],
  [`${URL_}.evil.test/mcp`, false, false],
] as const)('%s: bridge %s, admin %s, any other as the bridge', ([resource, bridge, admin]) => {
  expect(clientMayUse(URL_, 'mcp-bridge', resource)).toBe(bridge);
  expect(clientMayUse(URL_, 'mcp-sso-admin', resource)).toBe(admin);
  expect(clientMayUse(URL_, 'https://claude.ai/client', resource)).toBe(bridge);
});

test('scopes belong to their resource, and a client that names none gets its own', () => {
  expect(scopesOf(URL_, `${URL_}/mcp`)).toEqual(['mcp']);
  expect(scopesOf(URL_, `${URL_}/api`)).toEqual([
    'audit:read',
    'sessions:read',
    'sessions:write',
    'users:read',
    'users:erase',
    'holds:read',
    'holds:write',
    'catalog:read',
    'catalog:write',
    'servers:read',
    'policies:read',
    'policies:write',
    'reviews:read',
    'reviews:write',
    'grants:read',
    'grants:write',
    'approvals:read',
    'approvals:write',
    'connections:read',
    'connections:write',
    'self',
  ]);
  expect(defaultResource(URL_, 'mcp-bridge')).toBe(`${URL_}/mcp`);
  expect(defaultResource(URL_, 'mcp-sso-admin')).toBe(`${URL_}/api`);
});

test('the well-known part comes before the path of the resource', () => {
  expect(resourceMetadataUrl(URL_, `${URL_}/mcp/crm`)).toBe(`${URL_}/.well-known/oauth-protected-resource/mcp/crm`);
});

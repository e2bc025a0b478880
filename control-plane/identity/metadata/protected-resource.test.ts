import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApplication, type TestApplication } from '../testing/application.js';

let system: TestApplication;

beforeAll(async () => {
  system = await startApplication();
});
afterAll(() => system[Symbol.asyncDispose]());

const API_SCOPES = [
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
];

test.for([
  ['', '/mcp', ['mcp']],
  ['/mcp', '/mcp', ['mcp']],
  ['/mcp/crm', '/mcp/crm', ['mcp']],
  ['/api', '/api', API_SCOPES],
] as const)('the metadata at “%s” is that of %s', async ([path, resource, scopes]) => {
  const answer = await fetch(`${system.publicUrl}/.well-known/oauth-protected-resource${path}`);
  expect(await answer.json()).toEqual({
    resource: `${system.publicUrl}${resource}`,
    authorization_servers: [system.publicUrl],
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: ['ES256'],
  });
});

test('a name that no server can have has no metadata', async () => {
  const answer = await fetch(`${system.publicUrl}/.well-known/oauth-protected-resource/mcp/Not_A_Server`);
  expect(answer.status).toBe(404);
});

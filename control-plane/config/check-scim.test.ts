import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { faultText } from './fault-text.js';
import { loadConfig } from './load.js';

const LONG = 'a-token-of-more-than-32-characters-0001';
const ENVIRONMENT = { IDP_SECRET: 'x', MASTER: Buffer.alloc(32, 7).toString('hex'), LONG, SAME: LONG, SHORT: 'short' };
const FIX =
  'write env:NAME or file:PATH of at least 32 characters that nothing else uses; make them with: openssl rand -base64 32';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function provider(id: string, scim: string): string {
  return `    ${id}: { issuer: https://${id}.example, clientId: a, clientSecret: env:IDP_SECRET, scim: ${scim} }\n`;
}

async function load(...providers: readonly string[]) {
  writeFileSync(
    join(directory, 'mcp-sso.yaml'),
    `publicUrl: https://mcp.acme.example\nmasterKey: env:MASTER\nidentity:\n  providers:\n${providers.join('')}servers:\n  crm: { url: https://crm.acme.example/mcp }\n`,
  );
  const { config, faults } = await loadConfig(directory, ENVIRONMENT);
  return { scim: config?.settings.identity.providers['okta']?.scim, faults: faults.map(faultText) };
}

test('SCIM says the groups unless told otherwise', async () => {
  expect(await load(provider('okta', '{ token: env:LONG }'))).toEqual({
    scim: { token: 'env:LONG', groups: 'scim' },
    faults: [],
  });
  expect((await load(provider('okta', '{ token: env:LONG, groups: token }'))).scim?.groups).toBe('token');
});

test.each([
  ['{ token: env:SHORT }', `the token is shorter than 32 characters → ${FIX}`],
  ['{ token: in-the-clear-0123456789abcdef0123456789 }', ` → ${FIX}`],
  ['{ token: env:NOWHERE }', 'the environment variable NOWHERE is not set → '],
])('%s is refused', async (scim, words) => {
  const { faults } = await load(provider('okta', scim));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain('identity.providers.okta.scim.token: ');
  expect(faults[0]).toContain(words);
  expect(faults[0]).not.toContain('in-the-clear');
});

test('a token that two providers have would be nobody’s', async () => {
  const { faults } = await load(provider('okta', '{ token: env:LONG }'), provider('entra', '{ token: env:SAME }'));
  expect(faults.map((fault) => fault.replace(/^\S+ /, ''))).toEqual([
    `identity.providers.okta.scim.token: two providers have the same token → ${FIX}`,
    `identity.providers.entra.scim.token: two providers have the same token → ${FIX}`,
  ]);
});

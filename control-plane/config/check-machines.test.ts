import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { faultText } from './fault-text.js';
import { loadConfig } from './load.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-machines-'));
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(directory, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(directory, 'private.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(directory, 'master.key'), Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
});
afterEach(() => rmSync(directory, { recursive: true }));

async function faults(identity: string, provider = ''): Promise<string[]> {
  const text = `publicUrl: https://mcp.acme.example
servers: { crm: { url: 'https://crm.acme.example/mcp' } }
identity:
  providers:
    okta: { issuer: 'https://acme.okta.com', clientId: a, clientSecret: env:S${provider} }
${identity}`;
  writeFileSync(join(directory, 'mcp-sso.yaml'), text);
  const { faults: found } = await loadConfig(directory, { S: 'x' });
  return found.map((fault) => faultText(fault).replace(/^mcp-sso.yaml:\d+:\d+ /, ''));
}

function trusted(...claims: readonly string[]): string {
  return `[${claims.map((claim) => `{ issuer: github, claims: { ${claim} } }`).join(', ')}]`;
}

test('machines of every kind load', async () => {
  const clients = ", identityAssertions: { clients: { agent: { publicKey: 'file:public.pem' } } }";
  const identity = `  serviceAccounts:
    nightly: { groups: [service/ci], privateKeyJwt: { publicKey: file:public.pem } }
    deploy: { trusted: [{ issuer: github, claims: { sub: { prefix: 'repo:acme/' }, run: 7 } }] }
  trustedIssuers:
    github: { issuer: 'https://token.actions.githubusercontent.com', audience: mcp }
`;
  expect(await faults(identity, clients)).toEqual([]);
});

test('what would let in the wrong one is a fault that says what to do', async () => {
  const identity = `  serviceAccounts:
    both: { privateKeyJwt: { publicKey: file:public.pem }, trusted: [{ issuer: gitlab, claims: {} }] }
    neither: {}
    leaked: { groups: [service/both, ci], privateKeyJwt: { publicKey: file:private.pem } }
    loose: { trusted: [{ issuer: github, claims: { sub: { prefix: 'repo:acme' } } }] }
  trustedIssuers:
    github: { issuer: 'http://token.example', audience: mcp }
`;
  const found = await faults(identity, ', identityAssertions: { clients: {} }');
  expect(found.map((line) => line.replace(/ → .*/, ''))).toEqual([
    'identity.providers.okta.identityAssertions.clients: names none',
    'identity.serviceAccounts.both: needs exactly one of privateKeyJwt, trusted',
    'identity.serviceAccounts.both.trusted[0].issuer: there is no trusted issuer gitlab',
    'identity.serviceAccounts.both.trusted[0].claims: names none',
    'identity.serviceAccounts.neither: needs exactly one of privateKeyJwt, trusted',
    'identity.serviceAccounts.leaked.groups[0]: service/both is the service account both itself',
    'identity.serviceAccounts.leaked.groups[1]: not a valid value',
    'identity.serviceAccounts.leaked.privateKeyJwt.publicKey: a private key; only the machine itself should have it',
    'identity.serviceAccounts.loose.trusted[0].claims.sub.prefix: not a valid value',
    'identity.trustedIssuers.github.issuer: plain http is accepted for this machine only',
  ]);
});

test('of an issuer that signs for everyone, the claims must say whose the token is', async () => {
  const identity = `  serviceAccounts:
    open: { trusted: ${trusted("ref: 'refs/heads/main'", "sub: { prefix: 'repo:' }, run: 7")} }
    own: { trusted: ${trusted('repository_owner: acme', "sub: { prefix: 'repo:acme/' }", "sub: 'repo:acme/a:ref:b'")} }
  trustedIssuers:
    github: { issuer: 'https://token.actions.githubusercontent.com', audience: mcp }
`;
  expect((await faults(identity)).map((line) => line.replace(/ → .*/, ''))).toEqual([
    'identity.serviceAccounts.open.trusted[0].claims: anybody at this issuer can have such a token',
    'identity.serviceAccounts.open.trusted[1].claims: anybody at this issuer can have such a token',
  ]);
});

test('service is no name for a provider', async () => {
  expect(await faults('    service: { issuer: "https://x.example", clientId: a, clientSecret: env:S }\n')).toEqual([
    'identity.providers.service: not a usable name → choose another name: service/… are the groups of service accounts',
  ]);
});

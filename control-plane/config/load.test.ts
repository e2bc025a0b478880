import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { faultText } from './fault-text.js';
import { loadConfig } from './load.js';

const GOOD = `publicUrl: https://mcp.acme.example
identity:
  providers:
    okta:
      issuer: https://acme.okta.com
      clientId: abc
      clientSecret: env:IDP_SECRET
roles:
  owner: [okta/it-admins]
servers:
  crm:
    url: https://crm.acme.example/mcp
    credential: { kind: bearer, secret: file:crm.token }
    tools: { list_deals: { effect: read } }
`;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-config-'));
  write('mcp-sso.yaml', GOOD);
  write('crm.token', 'token-of-crm\n');
  write('master.key', `${Buffer.alloc(32, 7).toString('base64')}\n`);
  chmodSync(join(directory, 'master.key'), 0o600);
});

afterEach(() => rmSync(directory, { recursive: true }));

function write(file: string, text: string): void {
  writeFileSync(join(directory, file), text);
}

async function faults(environment: Record<string, string> = { IDP_SECRET: 'x' }): Promise<string[]> {
  const { faults: found } = await loadConfig(directory, environment);
  return found.map(faultText);
}

test('a good directory loads, with defaults, policies in order and the key decoded', async () => {
  mkdirSync(join(directory, 'policies'));
  write('policies/b.cedar', '// b');
  write('policies/a.cedar', '// a');
  write('policies/notes.txt', 'not a policy');
  const { config, faults: found } = await loadConfig(directory, { IDP_SECRET: 'x' });
  expect(found).toEqual([]);
  expect(config?.settings.listen).toBe('127.0.0.1:8700');
  expect(config?.settings.servers['crm']?.tools).toEqual({ list_deals: { effect: 'read' } });
  expect(config?.policyFiles).toEqual([
    { file: 'policies/a.cedar', text: '// a' },
    { file: 'policies/b.cedar', text: '// b' },
  ]);
  expect(config?.masterKey).toEqual(Buffer.alloc(32, 7));
});

test('every fault is reported at once, in the order of the file', async () => {
  write(
    'mcp-sso.yaml',
    `publicUrl: http://mcp.acme.example/
listen: everywhere
adminLisen: 127.0.0.1:8701
logLevel: wran
trustedProxies: [10.0.0.0]
identity:
  providers:
    okta:
      issuer: http://acme.okta.com
      clientID: abc
      clientSecret: hunter2-in-the-clear
    Entra: {}
roles:
  owner: [okta/it-admins, entra/it-admins, it-admins]
  auditors: [okta/security]
servers:
  crm:
    uri: https://crm.acme.example/mcp
    credential: { kind: baerer, secret: env:CRM }
  erp:
    url: https://user:pass@erp.acme.example/mcp
    credential: { kind: bearer, secret: env:ERP_TOKEN }
    tools: { pay: { effect: spend } }
  hr:
    title:
colour: blue
`,
  );
  expect(await faults()).toEqual([
    'mcp-sso.yaml:1:12 publicUrl: plain http is accepted for this machine only → write the https address at which everyone reaches this control plane, for example https://mcp.acme.example',
    'mcp-sso.yaml:2:9 listen: not an IP address with a port → write ADDRESS:PORT, for example 127.0.0.1:8700',
    'mcp-sso.yaml:3:1 adminLisen: unknown key → did you mean adminListen?',
    'mcp-sso.yaml:4:11 logLevel: not a known value → did you mean warn? Known are debug, info, warn, error',
    'mcp-sso.yaml:5:18 trustedProxies[0]: not a valid value → write a network in CIDR form, for example 10.0.0.0/8',
    'mcp-sso.yaml:9:15 identity.providers.okta.issuer: plain http is accepted for this machine only → write the https issuer of your identity provider, for example https://acme.okta.com',
    'mcp-sso.yaml:10:7 identity.providers.okta.clientID: unknown key → did you mean clientId?',
    'mcp-sso.yaml:11:21 identity.providers.okta.clientSecret: not a valid value → write env:NAME or file:PATH; the secret itself never belongs in this file',
    'mcp-sso.yaml:12:5 identity.providers.Entra.clientSecret: missing → write env:NAME or file:PATH, or give it a privateKey instead',
    'mcp-sso.yaml:12:5 identity.providers.Entra: not a usable name → use lower-case letters, digits and dashes',
    'mcp-sso.yaml:14:27 roles.owner[1]: there is no provider entra → name one of identity.providers before the slash; known are okta, Entra',
    'mcp-sso.yaml:14:44 roles.owner[2]: not a valid value → write PROVIDER/GROUP, for example okta/it-admins',
    'mcp-sso.yaml:15:3 roles.auditors: unknown key → did you mean auditor?',
    'mcp-sso.yaml:18:5 servers.crm.uri: unknown key → did you mean url?',
    'mcp-sso.yaml:19:25 servers.crm.credential.kind: not a known value → did you mean bearer? Known are bearer, header, basic, query, cookie, client-credentials, oauth, token-exchange, on-behalf-of, cross-app-access, user-assertion, github-app, aws-sigv4',
    'mcp-sso.yaml:19:41 servers.crm.credential.secret: the environment variable CRM is not set → set CRM for the process that runs mcp-sso-control-plane',
    'mcp-sso.yaml:21:10 servers.erp.url: a secret in an address ends up in logs → use credential: { kind: basic, … }',
    'mcp-sso.yaml:22:41 servers.erp.credential.secret: the environment variable ERP_TOKEN is not set → set ERP_TOKEN for the process that runs mcp-sso-control-plane',
    'mcp-sso.yaml:23:29 servers.erp.tools.pay.effect: not a known value → write read, write or destroy',
    'mcp-sso.yaml:24:3 servers.hr.url: missing → write the http(s) address of the server’s MCP endpoint, for example https://crm.acme.example/mcp; or command, where the control plane is to run it',
    'mcp-sso.yaml:25:11 servers.hr.title: no value → write the name that people should see',
    'mcp-sso.yaml:26:1 colour: unknown key → remove it; the keys known here are publicUrl, listen, adminListen, database, masterKey, previousMasterKey, secretStores, trustedProxies, logLevel, catalog, identity, roles, servers, limits, grants, approvals, connections, privateNetworks, networks, notifications, audit, telemetry',
  ]);
});

test('a key that is written twice is named, and the rest is judged all the same', async () => {
  write('mcp-sso.yaml', `${GOOD}  crm:\n    url: https://other.example/mcp\nlogLevel: loud\n`);
  expect(await faults()).toEqual([
    'mcp-sso.yaml:15:3 servers.crm: this key is written twice → keep one of the two',
    'mcp-sso.yaml:17:11 logLevel: not a known value → write debug, info, warn or error',
  ]);
});

test('broken YAML is one fault with its place', async () => {
  write('mcp-sso.yaml', 'publicUrl: "https://x\nidentity: [\n');
  expect(await faults()).toEqual([
    'mcp-sso.yaml:3:1 this is not valid YAML: Missing closing "quote → correct the line; indentation is made of spaces',
  ]);
});

test('an empty file and a missing file say what to do', async () => {
  write('mcp-sso.yaml', '');
  expect(await faults()).toEqual(['mcp-sso.yaml:1:1 no value → write the keys that the starter file of `init` shows']);
  rmSync(join(directory, 'mcp-sso.yaml'));
  expect(await faults()).toEqual([
    `mcp-sso.yaml:1:1 there is no readable file in ${directory} → run: mcp-sso-control-plane init --config ${directory}`,
  ]);
});

test('no provider and no server are faults', async () => {
  write('mcp-sso.yaml', 'publicUrl: http://127.0.0.1:8700\nidentity:\n  providers: {}\nservers: {}\n');
  expect(await faults()).toEqual([
    'mcp-sso.yaml:3:3 identity.providers: names none → name at least one identity provider with issuer, clientId and clientSecret',
    'mcp-sso.yaml:4:1 servers: names none → name at least one MCP server with its url',
  ]);
});

test.each([
  ['https://mcp.acme.example/', 'more than an origin → write https://mcp.acme.example'],
  ['https://mcp.acme.example/sso', 'more than an origin → write https://mcp.acme.example'],
  ['https://mcp.acme.example?x=1', 'more than an origin → write https://mcp.acme.example'],
  ['https://MCP.acme.example:443', 'more than an origin → write https://mcp.acme.example'],
  ['https://me@mcp.acme.example', 'carries a user name → write https://mcp.acme.example'],
  [
    'http://127.0.0.1.evil.example',
    'plain http is accepted for this machine only → write the https address at which everyone reaches this control plane, for example https://mcp.acme.example',
  ],
])('publicUrl %s is refused', async (url, objection) => {
  write('mcp-sso.yaml', GOOD.replace('https://mcp.acme.example', url));
  expect(await faults()).toEqual([`mcp-sso.yaml:1:12 publicUrl: ${objection}`]);
});

test('the two listeners differ, also from a default', async () => {
  write('mcp-sso.yaml', `${GOOD}adminListen: 127.0.0.1:8700\n`);
  expect(await faults()).toEqual([
    'mcp-sso.yaml:15:14 adminListen: the same as listen → choose another port; this one is for operators only',
  ]);
});

test('a secret that is missing, empty or unreadable is a fault that never shows a value', async () => {
  rmSync(join(directory, 'crm.token'));
  const found = await faults({ IDP_SECRET: '' });
  expect(found).toEqual([
    'mcp-sso.yaml:7:21 identity.providers.okta.clientSecret: the environment variable IDP_SECRET is empty → put the secret there',
    'mcp-sso.yaml:13:41 servers.crm.credential.secret: there is no file crm.token → create it with the secret as its only content, or correct the path',
  ]);
});

test('a missing master key is never created here', async () => {
  rmSync(join(directory, 'master.key'));
  const expected = `mcp-sso.yaml:1:1 masterKey: there is no master key yet → run: mcp-sso-control-plane init --config ${directory} (or restore master.key, if there was one)`;
  expect(await faults()).toEqual([expected]);
  expect(await faults()).toEqual([expected]);
});

test('a master key that is lost while its database is there must be restored', async () => {
  rmSync(join(directory, 'master.key'));
  write('mcp-sso.yaml', `${GOOD}database: sqlite:./kept.db\n`);
  write('kept.db', '');
  expect(await faults()).toEqual([
    'mcp-sso.yaml:1:1 masterKey: the master key is lost, but ./kept.db was written with it → restore it from your backup; a new key cannot open what is stored',
  ]);
});

test('a master key that others may read is refused', async () => {
  chmodSync(join(directory, 'master.key'), 0o604);
  expect(await faults()).toEqual([
    `mcp-sso.yaml:1:1 masterKey: every user of this machine may open ./master.key → run: chmod 600 ${directory}/master.key`,
  ]);
});

test.each([
  ['too short', randomBytes(31).toString('base64')],
  ['too long', randomBytes(33).toString('hex')],
  ['a passphrase', 'correct horse battery staple'],
])('a master key that is %s is refused', async (_, text) => {
  write('master.key', text);
  expect(await faults()).toEqual([
    'mcp-sso.yaml:1:1 masterKey: the master key is not 32 bytes in base64 or hex → restore it from your backup; a new one is made by: openssl rand -base64 32',
  ]);
});

test('a master key may come from the environment, in hex', async () => {
  write('mcp-sso.yaml', `${GOOD}masterKey: env:MASTER\n`);
  const { config } = await loadConfig(directory, { IDP_SECRET: 'x', MASTER: '0a'.repeat(32) });
  expect(config?.masterKey).toEqual(Buffer.alloc(32, 10));
});

test('what the admin has not filled in yet is said in those words', async () => {
  write('mcp-sso.yaml', GOOD.replace('https://crm.acme.example/mcp', 'CHANGE-ME'));
  expect(await faults()).toEqual([
    'mcp-sso.yaml:12:10 servers.crm.url: not filled in yet → write the http(s) address of the server’s MCP endpoint, for example https://crm.acme.example/mcp',
  ]);
});

test('policies can be judged by the servers of a file that has faults elsewhere', async () => {
  write('mcp-sso.yaml', GOOD.replace('https://mcp.acme.example', 'nowhere').replace('effect: read', 'effect: rad'));
  const { readable } = await loadConfig(directory, { IDP_SECRET: 'x' });
  expect(Object.keys(readable.servers)).toEqual(['crm']);
  expect(Object.keys(readable.identity.providers)).toEqual(['okta']);
});

test('device login is within one network unless said otherwise; another word is a fault', async () => {
  expect((await loadConfig(directory, { IDP_SECRET: 'x' })).config?.settings.identity.deviceLogin).toBe('same-network');
  write('mcp-sso.yaml', deviceLogin('off'));
  expect((await loadConfig(directory, { IDP_SECRET: 'x' })).config?.settings.identity.deviceLogin).toBe('off');
  write('mcp-sso.yaml', deviceLogin('sometimes'));
  expect(await faults()).toEqual([
    'mcp-sso.yaml:3:16 identity.deviceLogin: not a known value → write off, same-network or anywhere: where a sign-in by code may be approved, against where it was started',
  ]);
});

test('limits have defaults, and each is checked with its line', async () => {
  const { config } = await loadConfig(directory, { IDP_SECRET: 'x' });
  expect(config?.settings.limits).toMatchObject({ callsPerPerson: 32, requestBytes: 4_194_304, firstByteSeconds: 60 });
  write(
    'mcp-sso.yaml',
    `${GOOD}limits:\n  nesting: 2\n  callsPerPerson: many\n  callsPerUser: 3\n  listSeconds: 1.5\n`,
  );
  expect(await faults()).toEqual([
    'mcp-sso.yaml:16:12 limits.nesting: not a valid value → write a number of levels from 8 to 1000',
    'mcp-sso.yaml:17:19 limits.callsPerPerson: not a number → write a number of calls from 1 to 10000',
    'mcp-sso.yaml:18:3 limits.callsPerUser: unknown key → did you mean callsPerServer?',
    'mcp-sso.yaml:19:16 limits.listSeconds: not a whole number → write a number of seconds from 1 to 60',
  ]);
});

function deviceLogin(value: string): string {
  return GOOD.replace('identity:', `identity:\n  deviceLogin: ${value}`);
}

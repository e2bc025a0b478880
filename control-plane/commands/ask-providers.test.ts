import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { Directory } from '../../demo/idp/people.js';
import { createProvider } from '../../demo/idp/provider.js';
import { ScriptedIdp } from '../identity/testing/scripted-idp.js';
import { runProgram } from './program.js';

const SECRET = 'idp-secret-0123456789';

let directory: string;

beforeEach(async () => {
  directory = join(mkdtempSync(join(tmpdir(), 'mcp-sso-ask-providers-')), 'mcp-sso');
  await run('init');
});

afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

async function run(command: string, options: string[] = [], secret = SECRET) {
  const output = new PassThrough();
  const errors = new PassThrough();
  const environment = { MCP_SSO_IDP_SECRET: secret };
  const streams = { input: Readable.from(['']), output, errors, environment };
  const code = await runProgram([command, '--config', directory, ...options], streams);
  return { code, out: String(output.read() ?? '') };
}

function fillIn(issuer: string, more = ''): void {
  const file = join(directory, 'mcp-sso.yaml');
  const filled = readFileSync(file, 'utf8')
    .replace('publicUrl: CHANGE-ME', 'publicUrl: http://127.0.0.1:8700')
    .replace('issuer: CHANGE-ME', `issuer: ${issuer}`)
    .replace('clientId: CHANGE-ME', 'clientId: mcp-sso')
    .replace('company/CHANGE-ME', 'company/it-admins')
    .replace('privateNetworks: []', 'privateNetworks: [127.0.0.0/8]')
    .replace('url: CHANGE-ME', 'url: http://127.0.0.1:8702/mcp')
    .replace('identity:\n  providers:\n', `identity:\n  providers:\n${more}`);
  writeFileSync(file, filled);
}

/** The provider of the demo company; resolves to its issuer. */
async function demoIdp(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = { clientId: 'mcp-sso', clientSecret: SECRET, redirectUri: 'http://127.0.0.1:8700/auth/callback' };
  const provider = await createProvider({ issuer, ...client }, new Directory());
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  return issuer;
}

test('with the demo company’s provider everything is fine, and the answer says that it was asked', async () => {
  fillIn(await demoIdp());
  expect(await run('check')).toEqual({
    code: 0,
    out: [
      'The identity provider company answers, and accepts our credentials.',
      'ok: http://127.0.0.1:8700, 1 identity provider, 1 server, 1 policy file',
      `Next: mcp-sso-control-plane start --config ${directory}`,
      '',
    ].join('\n'),
  });
});

test('a wrong secret is a fault at its line, and shown nowhere', async () => {
  fillIn(await demoIdp());
  const { code, out } = await run('check', [], 'another-secret');
  expect(code).toBe(3);
  expect(out).toBe(
    [
      'mcp-sso.yaml:43:21 identity.providers.company.clientSecret: it does not accept our credentials (401 invalid_client) → put the secret of the client mcp-sso behind env:MCP_SSO_IDP_SECRET, or correct clientId; at your provider: the credentials of the web client',
      '',
      `1 fault in ${directory}.`,
      `Correct it, then run: mcp-sso-control-plane check --config ${directory}`,
      '',
    ].join('\n'),
  );
});

test('a provider that is away is a fault that names --offline, with which it is not asked', async () => {
  const gone = await ScriptedIdp.start();
  await gone[Symbol.asyncDispose]();
  fillIn(gone.issuer);
  const { code, out } = await run('check', ['--json']);
  expect(code).toBe(3);
  expect(JSON.parse(out)).toEqual({
    ok: false,
    faults: [
      {
        file: 'mcp-sso.yaml',
        line: 40,
        column: 15,
        key: 'identity.providers.company.issuer',
        message: 'the metadata of the provider cannot be read: nothing answers there',
        fix: expect.stringContaining('check --offline does not ask it') as string,
      },
    ],
    warnings: [],
  });
  expect((await run('check', ['--offline'])).code).toBe(0);
});

test('several providers are asked, and a warning alone is no fault', async () => {
  await using idp = await ScriptedIdp.start();
  idp.tokenAnswer = { status: 400, body: '{"error":"invalid_grant"}' };
  idp.metadata = { grant_types_supported: ['authorization_code'] };
  const other = `    other: { issuer: ${idp.issuer}, clientId: mcp-sso, clientSecret: env:MCP_SSO_IDP_SECRET }\n`;
  fillIn(await demoIdp(), other);
  const { code, out } = await run('check');
  expect(code).toBe(0);
  expect(out).toContain('The identity provider company answers, and accepts our credentials.\n');
  expect(out).toContain('warning: identity.providers.other: it does not list the grant type refresh_token; ');
});

test('a directory with a fault is corrected first: nobody is asked', async () => {
  await using idp = await ScriptedIdp.start();
  fillIn(idp.issuer);
  rmSync(join(directory, 'master.key'));
  expect((await run('check')).code).toBe(3);
  expect(idp.requests).toEqual([]);
});

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { onPostgres } from '../storage/testing/engines.js';
import { TestDatabase } from '../storage/testing/test-database.js';
import { runProgram } from './program.js';

let directory: string;

// Commands load what they serve with when they run; here that includes translating it, which is no test's time.
beforeAll(() => Promise.all([import('../serve.js'), import('../store-secret.js')]));

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'mcp-sso-commands-')), 'mcp-sso');
});

afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

async function run(argv: string[], environment: Record<string, string> = {}, input = '') {
  const output = new PassThrough();
  const errors = new PassThrough();
  const code = await runProgram(argv, { input: Readable.from([input]), output, errors, environment });
  return { code, out: String(output.read() ?? ''), err: String(errors.read() ?? '') };
}

function fillIn(): void {
  const file = join(directory, 'mcp-sso.yaml');
  const filled = readFileSync(file, 'utf8')
    .replace('publicUrl: CHANGE-ME', 'publicUrl: https://mcp.acme.example')
    .replace('trustedProxies: []', 'trustedProxies: [10.0.0.0/8]')
    .replace('issuer: CHANGE-ME', 'issuer: https://acme.okta.com')
    .replace('clientId: CHANGE-ME', 'clientId: abc')
    .replace('company/CHANGE-ME', 'company/it-admins')
    .replace('url: CHANGE-ME', 'url: https://example.acme.example/mcp');
  writeFileSync(file, filled);
}

test('init writes a directory whose key only its owner may open', async () => {
  const { code, out } = await run(['init', '--config', directory]);
  expect(code).toBe(0);
  expect(out).toBe(
    [
      `wrote ${directory}/mcp-sso.yaml`,
      `wrote ${directory}/policies/example.cedar`,
      `wrote ${directory}/.gitignore`,
      `wrote ${directory}/master.key`,
      '',
      'Keep a copy of master.key in a safe place: without it, what is stored cannot be opened.',
      `Next: fill in mcp-sso.yaml, then run: mcp-sso-control-plane check --config ${directory}`,
      '',
    ].join('\n'),
  );
  expect(statSync(join(directory, 'master.key')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(directory, '.gitignore'), 'utf8')).toContain('master.key\ndata/\n');
});

test('after init, check names exactly what is still to be filled in', async () => {
  await run(['init', '--config', directory]);
  const { code, out } = await run(['check', '--config', directory]);
  expect(code).toBe(3);
  expect(out).toBe(
    [
      'mcp-sso.yaml:6:12 publicUrl: not filled in yet → write the https address at which everyone reaches this control plane, for example https://mcp.acme.example',
      'mcp-sso.yaml:40:15 identity.providers.company.issuer: not filled in yet → write the https issuer of your identity provider, for example https://acme.okta.com',
      'mcp-sso.yaml:41:17 identity.providers.company.clientId: not filled in yet → write the id of the web client that you registered at the identity provider',
      'mcp-sso.yaml:43:21 identity.providers.company.clientSecret: the environment variable MCP_SSO_IDP_SECRET is not set → set MCP_SSO_IDP_SECRET for the process that runs mcp-sso-control-plane',
      'mcp-sso.yaml:75:11 roles.owner[0]: not filled in yet → write PROVIDER/GROUP, for example okta/it-admins',
      'mcp-sso.yaml:86:10 servers.example.url: not filled in yet → write the http(s) address of the server’s MCP endpoint, for example https://crm.acme.example/mcp',
      '',
      `6 faults in ${directory}, of which 5 values are still to be filled in.`,
      `Correct them, then run: mcp-sso-control-plane check --config ${directory}`,
      '',
    ].join('\n'),
  );
});

test('once filled in, check is content, and says so to machines too', async () => {
  await run(['init', '--config', directory]);
  fillIn();
  const environment = { MCP_SSO_IDP_SECRET: 'x' };
  expect(await run(['check', '--offline', '--config', directory], environment)).toEqual({
    code: 0,
    out: `ok: https://mcp.acme.example, 1 identity provider, 1 server, 1 policy file\nNext: mcp-sso-control-plane start --config ${directory}\n`,
    err: '',
  });
  const { out } = await run(['check', '--json', '--offline', '--config', directory], environment);
  expect(JSON.parse(out)).toEqual({ ok: true, faults: [], warnings: [] });
});

test('no policy at all is allowed, with a warning', async () => {
  await run(['init', '--config', directory]);
  fillIn();
  rmSync(join(directory, 'policies'), { recursive: true });
  const { code, out } = await run(['check', '--offline', '--config', directory], { MCP_SSO_IDP_SECRET: 'x' });
  expect(code).toBe(0);
  expect(out).toContain('warning: policies/*.cedar: there is no policy, so nothing is permitted to anyone\n');
});

test('a faulty policy is found in the same run as faulty settings', async () => {
  await run(['init', '--config', directory]);
  writeFileSync(join(directory, 'policies/example.cedar'), 'permit (principal, action, resource);');
  const { out } = await run(['check', '--json', '--config', directory]);
  const { faults } = JSON.parse(out) as { faults: { file: string }[] };
  expect(faults.map(({ file }) => file)).toContain('mcp-sso.yaml');
  expect(faults.map(({ file }) => file)).toContain('policies/example.cedar');
});

test('init never overwrites: a second run changes nothing', async () => {
  await run(['init', '--config', directory]);
  const key = readFileSync(join(directory, 'master.key'), 'utf8');
  const { code, err } = await run(['init', '--config', directory]);
  expect(code).toBe(3);
  expect(err).toBe(
    `${directory} is set up already; nothing was changed. Next: mcp-sso-control-plane check --config ${directory}\n`,
  );
  expect(readFileSync(join(directory, 'master.key'), 'utf8')).toBe(key);
});

test('init makes the missing key, but none beside data that another key sealed', async () => {
  await run(['init', '--config', directory]);
  const settings = readFileSync(join(directory, 'mcp-sso.yaml'), 'utf8');
  rmSync(join(directory, 'master.key'));
  expect((await run(['init', '--config', directory])).code).toBe(0);
  expect(readFileSync(join(directory, 'mcp-sso.yaml'), 'utf8')).toBe(settings);
  rmSync(join(directory, 'master.key'));
  writeFileSync(join(directory, 'data'), '');
  const { code, err } = await run(['init', '--config', directory]);
  expect(code).toBe(3);
  expect(err).toContain('Restore master.key from your backup');
  expect(existsSync(join(directory, 'master.key'))).toBe(false);
});

test('start refuses a faulty directory and makes no key', async () => {
  await run(['init', '--config', directory]);
  rmSync(join(directory, 'master.key'));
  const { code, err } = await run(['start', '--config', directory]);
  expect(code).toBe(3);
  expect(err).toContain(
    `masterKey: there is no master key yet → run: mcp-sso-control-plane init --config ${directory}`,
  );
  expect(existsSync(join(directory, 'master.key'))).toBe(false);
});

test.each([[['bogus']], [['check', '--bogus']], [['secret', 'set']], [['secret', 'set', 'Bad_Name']]])(
  'wrong use %j exits with 2',
  async (argv) => {
    const { code, err } = await run(argv);
    expect(code).toBe(2);
    expect(err).not.toBe('');
  },
);

test('a secret is no argument: a second one is refused', async () => {
  expect((await run(['secret', 'set', 'crm', 'hunter2'])).code).toBe(2);
});

test('--help shows an example and exits with 0', async () => {
  const { code, out } = await run(['check', '--help']);
  expect(code).toBe(0);
  expect(out).toContain('Example:\n  mcp-sso-control-plane check --config ./mcp-sso --json');
});

test('a credential that would overwrite the request itself is a fault with its line', async () => {
  await run(['init', '--config', directory]);
  fillIn();
  const file = join(directory, 'mcp-sso.yaml');
  const credential = '    credential: { kind: header, name: Host, secret: env:TOKEN }';
  writeFileSync(file, readFileSync(file, 'utf8').replace('    tools:', `${credential}\n    tools:`));
  const environment = { MCP_SSO_IDP_SECRET: 'x', TOKEN: 'abcd' };
  const { code, out } = await run(['check', '--config', directory], environment);
  expect(code).toBe(3);
  expect(out).toMatch(/^mcp-sso\.yaml:97:39 servers\.example\.credential\.name: /);
});

test('migrate says what it did, and the second time that there was nothing to do', async () => {
  await run(['init', '--config', directory]);
  fillIn();
  const migrated = await run(['migrate', '--config', directory], { MCP_SSO_IDP_SECRET: 's' });
  expect(migrated).toEqual({
    code: 0,
    out: `applied 001-first-light\napplied 002-first-light-holds\napplied 003-identity\napplied 004-sign-in-cutoffs\napplied 005-policy\napplied 006-credentials\napplied 007-idp-tokens\napplied 008-unanswered-checks\napplied 009-audit-search\napplied 010-audit-tree\napplied 011-audit-export\napplied 012-erasure\napplied 013-started-settings\napplied 014-legal-holds\napplied 015-audit-retention\napplied 016-audit-intents\n${directory}/data/mcp-sso.db is up to date.\n`,
    err: '',
  });
  const again = await run(['migrate', '--config', directory], { MCP_SSO_IDP_SECRET: 's' });
  expect(again.out).toBe(`${directory}/data/mcp-sso.db is up to date; nothing was changed.\n`);
});

test('a database that does not answer is one sentence, without the password that leads to it', async () => {
  await run(['init', '--config', directory]);
  fillIn();
  const file = join(directory, 'mcp-sso.yaml');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('database: sqlite:./data/mcp-sso.db', 'database: env:DATABASE'),
  );
  const environment = { MCP_SSO_IDP_SECRET: 's', DATABASE: 'postgres://mcp:hidden-word@127.0.0.1:9/mcp' };
  expect(await run(['check', '--offline', '--config', directory], environment)).toMatchObject({ code: 0 });
  for (const command of [['start'], ['migrate'], ['secret', 'set', 'crm-token']]) {
    expect(await run([...command, '--config', directory], environment, 'value')).toEqual({
      code: 3,
      out: '',
      err: 'The database postgres://127.0.0.1:9/mcp cannot be opened: nothing answers there. Check that it runs, and that address and port are right.\n',
    });
  }
});

onPostgres(() => {
  test('the same commands work on PostgreSQL', async () => {
    await using database = await TestDatabase.empty('postgres');
    await run(['init', '--config', directory]);
    fillIn();
    const file = join(directory, 'mcp-sso.yaml');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('database: sqlite:./data/mcp-sso.db', 'database: file:./db.url'),
    );
    writeFileSync(join(directory, 'db.url'), `${database.location}\n`, { mode: 0o600 });
    const environment = { MCP_SSO_IDP_SECRET: 's' };
    const migrated = await run(['migrate', '--config', directory], environment);
    expect(migrated).toMatchObject({
      code: 0,
      out: expect.stringContaining('applied 002-first-light-holds') as string,
    });
    const stored = await run(['secret', 'set', 'crm-token', '--config', directory], environment, 'value');
    expect(stored).toMatchObject({ code: 0, out: expect.stringContaining('Stored version 1 of crm-token.') as string });
    expect(await database.query('select name, version from secrets')).toEqual([{ name: 'crm-token', version: 1 }]);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import SQLite from 'better-sqlite3';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { runProgram } from './program.js';

const SETTINGS = `publicUrl: https://mcp.acme.example
database: sqlite:./mcp-sso.db
masterKey: file:./master.key
identity: { providers: { okta: { issuer: https://acme.okta.com, clientId: a, clientSecret: env:IDP_SECRET } } }
servers: { crm: { url: https://crm.acme.example/mcp } }
`;
const TODAY = new Date().toISOString().slice(0, 10);

let directory: string;

beforeAll(() =>
  Promise.all([import('../store-secret.js'), import('../stored-secrets.js'), import('../rewrap-root-key.js')]),
);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-stored-secrets-'));
  writeFileSync(join(directory, 'mcp-sso.yaml'), SETTINGS);
  for (const [name, byte] of [
    ['master.key', 7],
    ['new.key', 8],
  ] as const) {
    writeFileSync(join(directory, name), Buffer.alloc(32, byte).toString('base64'), { mode: 0o600 });
  }
});
afterEach(() => rmSync(directory, { recursive: true }));

async function run(argv: readonly string[], input = '') {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const terminal = { input: Readable.from([input]), output, errors, environment: { IDP_SECRET: 's' } };
  const code = await runProgram([...argv, '--config', directory], terminal);
  return { code, out: String(output.read() ?? ''), err: String(errors.read() ?? '') };
}

function recorded(type: string): string[] {
  const database = new SQLite(join(directory, 'mcp-sso.db'), { readonly: true });
  const headers = database.prepare('select header from audit_records order by idx').pluck().all() as string[];
  database.close();
  const records = headers.map((header) => JSON.parse(header) as { type: string; phase: string });
  return records.filter((one) => one.type === type).map(({ phase }) => phase);
}

test('versions are listed with their dates, and retired one by one or all at once, on record', async () => {
  await run(['secret', 'set', 'crm-token'], 'first-value');
  await run(['secret', 'set', 'crm-token', '--expires', '2099-01-31'], 'second-value');
  expect((await run(['secret', 'list'])).out).toBe(
    `crm-token  version 1  stored ${TODAY}  replaced\ncrm-token  version 2  stored ${TODAY}  in use, expires 2099-01-31\n`,
  );
  expect(await run(['secret', 'retire', 'crm-token', '--version', '2'])).toMatchObject({
    code: 0,
    out: 'Version 2 of crm-token will not be used any more; running control planes follow within 30 seconds.\n',
  });
  expect((await run(['secret', 'list'])).out).toBe(
    `crm-token  version 1  stored ${TODAY}  in use\ncrm-token  version 2  stored ${TODAY}  retired ${TODAY}\n`,
  );
  expect(await run(['secret', 'retire', 'erp-token'])).toMatchObject({
    code: 2,
    err: 'There is no secret erp-token in the store.\n',
  });
  const { out } = await run(['secret', 'list', '--json']);
  expect(out).not.toContain('-value');
  expect(JSON.parse(out)).toMatchObject({ secrets: [{ name: 'crm-token', version: 1 }, { version: 2 }] });
  expect(recorded('secret.retire')).toEqual(['intent', 'outcome', 'intent', 'outcome']);
});

test.each([
  [['secret', 'retire', 'crm-token', '--version', '0']],
  [['secret', 'set', 'crm-token', '--expires', 'yesterday']],
  [['rotate-keys', '--now', '--master-key']],
])('wrong use %j exits with 2', async (argv) => {
  expect((await run(argv, 'any-value')).code).toBe(2);
});

test('the master key is exchanged, on record, and the old one opens nothing afterwards', async () => {
  await run(['secret', 'set', 'crm-token'], 'first-value');
  const both = 'masterKey: file:./new.key\npreviousMasterKey: file:./master.key';
  writeFileSync(join(directory, 'mcp-sso.yaml'), SETTINGS.replace('masterKey: file:./master.key', both));
  expect(await run(['rotate-keys', '--master-key'])).toMatchObject({
    code: 0,
    out: [
      'What is stored now opens under file:./new.key. Control planes that run go on.',
      'Next: remove previousMasterKey from the settings of every control plane; file:./master.key opens nothing any more.',
      '',
    ].join('\n'),
  });
  expect(recorded('key.rewrap')).toEqual(['intent', 'outcome']);
  writeFileSync(join(directory, 'mcp-sso.yaml'), SETTINGS);
  expect(await run(['secret', 'list'])).toMatchObject({
    code: 3,
    err: 'masterKey: file:./master.key is not the key that this database was written with. Restore the right one from your backup; a new one cannot open what is stored.\n',
  });
  writeFileSync(join(directory, 'mcp-sso.yaml'), SETTINGS.replace('./master.key', './new.key'));
  expect((await run(['secret', 'list'])).code).toBe(0);
});

test('a key service that cannot be asked is one sentence with the setting and what to do', async () => {
  const transit = 'vault-transit:http://127.0.0.1:9/v1/transit/keys/root';
  const store =
    'secretStores: { vault: { address: http://127.0.0.1:9, auth: { method: token, token: env:IDP_SECRET } } }';
  const settings = SETTINGS.replace('masterKey: file:./master.key', `masterKey: ${transit}`) + store;
  writeFileSync(join(directory, 'mcp-sso.yaml'), settings);
  expect(await run(['secret', 'list'])).toMatchObject({
    code: 3,
    err: `masterKey: ${transit}: the Vault cannot be asked (ECONNREFUSED). To do: correct secretStores.vault.address, or bring it back.\n`,
  });
  expect(readFileSync(join(directory, 'mcp-sso.yaml'), 'utf8')).toBe(settings);
});

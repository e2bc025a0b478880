import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from './open-database.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-storage-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test('a new database has every table and survives power cuts by its settings', async () => {
  const db = await openDatabase('sqlite:./data/mcp-sso.db', directory);
  const tables = (await db.introspection.getTables()).map((table) => table.name).toSorted();
  expect(tables).toEqual([
    'approval_votes',
    'approvals',
    'audit_checkpoints',
    'audit_expirations',
    'audit_exports',
    'audit_index',
    'audit_nodes',
    'audit_payloads',
    'audit_published',
    'audit_records',
    'audit_sets',
    'audit_subject_keys',
    'break_glass_codes',
    'candidate_differences',
    'catalog_activations',
    'catalog_active',
    'catalog_revisions',
    'connection_attempts',
    'connection_requests',
    'connection_revocations',
    'connections',
    'dpop_proofs',
    'grant_requests',
    'grants',
    'installation',
    'legal_holds',
    'login_attempts',
    'message_deliveries',
    'oidc_payloads',
    'persons',
    'policy_candidates',
    'root_keys',
    'scim_groups',
    'scim_members',
    'scim_users',
    'secret_marks',
    'secrets',
    'sessions',
    'sign_in_cutoffs',
    'signing_keys',
    'started_settings',
    'tool_definitions',
    'upstream_clients',
    'used_tokens',
  ]);
  const synchronous = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(db);
  expect(synchronous.rows).toEqual([{ synchronous: 2 }]);
  await db.destroy();
});

test('opening again keeps what was written', async () => {
  const row = { name: 'crm', version: 1, wrapped_key: Buffer.from('k'), sealed: Buffer.from('s'), created_at: 1 };
  const first = await openDatabase('sqlite:./a.db', directory);
  await first.insertInto('secrets').values(row).execute();
  await first.destroy();
  const second = await openDatabase('sqlite:./a.db', directory);
  expect(await second.selectFrom('secrets').select(['name', 'version']).execute()).toEqual([
    { name: 'crm', version: 1 },
  ]);
  await second.destroy();
});

test('a file that is no database is named in the error', async () => {
  writeFileSync(join(directory, 'a.db'), 'this is not a database, but it is long enough to be looked at as one');
  chmodSync(join(directory, 'a.db'), 0o600);
  await expect(openDatabase('sqlite:./a.db', directory)).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('a.db cannot be opened: file is not a database'),
  });
});

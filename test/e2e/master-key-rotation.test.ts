import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { PATHS } from '#shared/api/paths.js';
import { AnotherControlPlane } from '../support/another-control-plane.js';
import { balanced } from '../support/long-call.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
import { createPostgresDatabase, dropPostgresDatabase } from '../support/postgres-database.js';
import { useStack } from '../support/stack.js';

const server = inject('postgresUrl');
const ENGINES = server === null ? (['SQLite'] as const) : (['SQLite', 'PostgreSQL with two control planes'] as const);
const REFUSAL =
  'masterKey: file:./master.key is not the key that this database was written with. Restore the right one from your backup; a new one cannot open what is stored.';

describe.each(ENGINES)('exchanging the master key on %s', (engine) => {
  let database: string | undefined;
  let replica: AnotherControlPlane | undefined;
  let alice: SignedIn;
  const stack = useStack(async () => {
    if (engine === 'SQLite') return {};
    database = await createPostgresDatabase(server ?? '');
    return { database };
  });

  beforeAll(async () => {
    if (database !== undefined) replica = await AnotherControlPlane.start(stack(), 'replica-b', database);
    alice = await signIn(stack(), 'alice');
  });
  afterAll(async () => {
    await replica?.[Symbol.asyncDispose]();
    await stack().stopControlPlane();
    if (database !== undefined) await dropPostgresDatabase(database);
  });

  /** A call whose credential is opened in the vault. */
  async function call(at: string): Promise<number> {
    const headers = await balanced(stack().addresses.publicUrl, alice, 'POST', PATHS.mcp);
    const { status } = await sendMcp(`${at}/mcp`, headers, 'tools/call', {
      name: 'crm__list_customers',
      arguments: {},
    });
    return status;
  }

  function writeKeys(lines: string): void {
    const file = join(stack().config, 'mcp-sso.yaml');
    const settings = readFileSync(file, 'utf8').replace(/^previousMasterKey: .*\n/m, '');
    writeFileSync(file, settings.replace(/^masterKey: .*$/m, lines));
  }

  it('loses no call under load, and what is stored opens under the new key alone', async () => {
    const places = [`http://${stack().addresses.listen}`, ...(replica ? [replica.address] : [])];
    const answers: number[] = [];
    const done = new AbortController();
    const load = places.map(async (at) => {
      while (!done.signal.aborted) answers.push(await call(at));
    });
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(2), { timeout: 30_000 });
    const old = readFileSync(join(stack().config, 'master.key'));
    writeFileSync(join(stack().config, 'new.key'), randomBytes(32).toString('base64'), { mode: 0o600 });
    writeKeys('masterKey: file:./new.key\npreviousMasterKey: file:./master.key');
    const said = await stack().administer(['rotate-keys', '--master-key', '--config', stack().config]);
    expect(said).toContain('What is stored now opens under file:./new.key. Control planes that run go on.');
    const during = answers.length;
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(during + 2), { timeout: 30_000 });
    done.abort();
    await Promise.all(load);
    expect(answers.filter((status) => status !== 200)).toEqual([]);

    rmSync(join(stack().config, 'master.key'));
    writeKeys('masterKey: file:./new.key');
    await stack().startControlPlane();
    expect(await call(`http://${stack().addresses.listen}`)).toBe(200);

    writeFileSync(join(stack().config, 'master.key'), old, { mode: 0o600 });
    writeKeys('masterKey: file:./master.key');
    await expect(stack().administer(['secret', 'list', '--config', stack().config])).rejects.toThrow(REFUSAL);
  });
});

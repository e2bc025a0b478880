import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { hadMonths, recordedAt, retentionOf, verified } from './testing/past.js';
import type { ExpiringProcessInput } from './testing/expiring-process.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-expiring-'));
const program = join(folder, 'expiring-process.cjs');
const MARCH = Date.UTC(2026, 2, 15);
const MAY = Date.UTC(2026, 4, 1);
const RECORDS = 2_000;
const KEPT = { calls: 'forever', lists: '30d', identity: 'forever', administration: 'forever' };

beforeAll(async () => {
  const entryPoints = [join(import.meta.dirname, 'testing', 'expiring-process.ts')];
  const tsconfig = join(ROOT, 'tsconfig.json');
  // What CommonJS can require; the others go in.
  const external = ['better-sqlite3', 'kysely', 'pg', '@nestjs/*'];
  const target = { platform: 'node', target: 'node24', format: 'cjs', external } as const;
  const conditions = ['mcp-sso-source'];
  await build({ entryPoints, outfile: program, bundle: true, tsconfig, conditions, absWorkingDir: ROOT, ...target });
});
afterAll(() => rmSync(folder, { recursive: true }));

onEachEngine((engine) => {
  test('killed in the middle: what is gone is expired and not damaged, and the next one goes on', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    const first = await temporary.open();
    await hadMonths(first, '2026-03');
    for (let done = 0; done < RECORDS; done += 500) {
      await recordedAt(
        first,
        Array.from({ length: 500 }, (_, at) => MARCH + done + at),
        ['list'],
      );
    }
    await first.close();

    await killInTheMiddle(temporary);
    await using audit = await temporary.open();
    const left = await leftOf(temporary);
    expect(left).toBeGreaterThan(0);
    const { db } = audit.storage;
    expect(await db.selectFrom('audit_expirations').select(['kind', 'month', 'done_at']).execute()).toEqual([
      { kind: 'lists', month: '2026-03', done_at: null },
    ]);
    const halfway = await statesOf(audit);
    expect(halfway.states).toEqual(engine === 'sqlite' ? ['expired', 'shown'] : ['expired']);
    expect(halfway.finding).toBeUndefined();

    await retentionOf(temporary, audit, { retention: KEPT }).service.sweep(MAY);
    expect(await leftOf(temporary)).toBe(0);
    const whole = await statesOf(audit);
    expect([whole.states, whole.finding]).toEqual([['expired'], undefined]);
    const { log, expiries } = await verified(audit);
    expect(log).toMatchObject({ size: RECORDS + 1 });
    expect(expiries.map(({ facts }) => facts)).toMatchObject([{ target: 'lists/2026-03', records: RECORDS }]);
  });

  /** As soon as some of the index is gone; on SQLite, where rows go one by one, of the payloads. */
  async function killInTheMiddle(temporary: TemporaryAudit): Promise<void> {
    const { location, directory } = temporary.database;
    const input: ExpiringProcessInput = {
      location,
      directory,
      months: [{ kind: 'lists', month: '2026-03' }],
      now: MAY,
    };
    const env = { NODE_PATH: join(ROOT, 'node_modules') };
    const child = spawn(process.execPath, [program, JSON.stringify(input)], {
      env,
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const table = engine === 'sqlite' ? 'audit_payloads' : 'audit_index';
    try {
      await vi.waitUntil(
        async () => {
          if (child.exitCode !== null) throw new Error(`It ended by itself with ${child.exitCode}.`);
          return (await count(temporary, table)) < RECORDS;
        },
        { timeout: 20_000, interval: 5 },
      );
    } finally {
      const exited = once(child, 'exit');
      if (child.exitCode === null) {
        child.kill('SIGKILL');
        await exited;
      }
    }
  }
});

async function count(temporary: TemporaryAudit, table: string): Promise<number> {
  const column = table === 'audit_index' ? `type = 'list'` : `kind = 'lists'`;
  const [row] = await temporary.database.query<{ n: number | string }>(
    `select count(*) as n from ${table} where ${column}`,
  );
  return Number(row?.n);
}

/** Rows of either table that are still to go. */
async function leftOf(temporary: TemporaryAudit): Promise<number> {
  return (await count(temporary, 'audit_payloads')) + (await count(temporary, 'audit_index'));
}

/** The states there are among the lists, each once; and what is wrong with the log. */
async function statesOf(audit: OpenAudit) {
  const { headers, states, finding } = await verified(audit);
  const lists = states.filter((_, at) => headers[at]!.type === 'list');
  return { states: [...new Set(lists)].toSorted(), finding };
}

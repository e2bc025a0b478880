import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresServer } from '../support/postgres-server.js';

const ROOT = join(import.meta.dirname, '..', '..');
const CALLERS = 64;
const MILLISECONDS = 10_000;
const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-append-'));
const program = join(ROOT, 'dist', 'append-writer.mjs');

beforeAll(async () => {
  const entryPoints = [join(import.meta.dirname, 'append-writer.ts')];
  const target = { platform: 'node', target: 'node24', format: 'esm', packages: 'external' } as const;
  const conditions = ['mcp-sso-source'];
  await build({ entryPoints, outfile: program, bundle: true, conditions, absWorkingDir: ROOT, ...target });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Records a second that are durable and in the signed tree, of all writers together. */
async function rate(location: string, writers: number): Promise<number> {
  const callers = String(Math.ceil(CALLERS / writers));
  const children = Array.from({ length: writers }, () =>
    fork(program, [location, folder, callers, String(MILLISECONDS)], { cwd: ROOT, stdio: 'inherit' }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const counts = children.map(async (child) => Number((await once(child, 'message'))[0]));
  for (const child of children) child.send('go');
  const total = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  await Promise.all(children.map(async (child) => child.exitCode ?? once(child, 'exit')));
  return Math.round((total * 1000) / MILLISECONDS);
}

test('records a second, with 64 callers who each wait for theirs (docs/decisions/044)', async () => {
  await using server = await PostgresServer.start();
  const rates = {
    'SQLite, one writer': await rate(`sqlite:${join(folder, 'log.db')}`, 1),
    'PostgreSQL, one writer': await rate(await server.createDatabase(), 1),
    'PostgreSQL, three writers': await rate(await server.createDatabase(), 3),
  };
  process.stdout.write(`${JSON.stringify(rates)}\n`);
  expect(Math.min(...Object.values(rates))).toBeGreaterThan(0);
});

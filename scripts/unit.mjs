// npm run unit: the unit suite. `npm run check` and `npm test` both need it, and take minutes over it: where it has just passed on
// these very files, npm test counts that run. Free of dependencies; runs on Node 20.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { node, root } from './prepare.mjs';

const record = join(root, 'node_modules', '.cache', 'unit-passed.json');
const report = join(root, 'node_modules', '.cache', 'unit-report.json');
/** What the machine has may change without any file of the project. */
const COUNTS_FOR_MS = 60 * 60_000;

/** vitest's report of a run that passed on these files within the hour; undefined where there is none. */
export function passedReport() {
  if (!existsSync(record) || !existsSync(report)) return undefined;
  const { subject, at } = JSON.parse(readFileSync(record, 'utf8'));
  if (subject !== subjectOfRun() || Date.now() - at > COUNTS_FOR_MS) return undefined;
  return JSON.parse(readFileSync(report, 'utf8'));
}

function run() {
  rmSync(record, { force: true });
  mkdirSync(dirname(record), { recursive: true });
  const subject = subjectOfRun();
  const { status } = spawnSync(
    node,
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'unit'].concat([
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ]),
    { cwd: root, stdio: 'inherit' },
  );
  if (status === 0 && subject !== undefined) writeFileSync(record, JSON.stringify({ subject, at: Date.now() }));
  return status ?? 1;
}

/** SHA-256 over every file that git has or would take, and what else decides which tests run; undefined outside of git. */
function subjectOfRun() {
  const { status, stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 64 * 2 ** 20,
  });
  if (status !== 0) return undefined;
  const hash = createHash('sha256');
  for (const name of ['CI', 'TEST_POSTGRES_URL']) hash.update(`${name}=${process.env[name] ?? ''}\0`);
  for (const name of new Set(stdout.toString('utf8').split('\0').filter(Boolean).toSorted())) {
    const file = join(root, name);
    const there = lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
    hash.update(`${name}\0`).update(there ? createHash('sha256').update(readFileSync(file)).digest() : '\0');
  }
  return hash.digest('hex');
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) process.exit(run());

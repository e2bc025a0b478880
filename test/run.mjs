// npm test: sets everything up, runs every suite that this machine allows, ends with one plain line of numbers.
// Free of dependencies; runs on Node 20. `--long` adds the suites that take minutes, kills far more, and repeats the
// system suites and the walk to find what fails rarely.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { node, npm, prepare, preparePeers, root } from '../scripts/prepare.mjs';
import { passedReport } from '../scripts/unit.mjs';

/** Suites that need something of the machine, and how to get it. */
const NEEDS = [
  {
    suite: 'test/e2e/secret-service.test.ts',
    programs: ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'],
    install: 'apt-get install -y gnome-keyring dbus libsecret-tools',
  },
  {
    suite: 'test/e2e/doctor-keychain.test.ts',
    programs: ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'],
    install: 'apt-get install -y gnome-keyring dbus libsecret-tools',
  },
  {
    suite: 'test/e2e/doctor-network.test.ts',
    programs: ['faketime', 'openssl'],
    install: 'apt-get install -y faketime openssl',
  },
  {
    suite: 'test/e2e/bridge-network.test.ts',
    programs: ['faketime', 'openssl'],
    install: 'apt-get install -y faketime openssl',
  },
  { suite: 'test/e2e/bridge-survives.test.ts', programs: ['faketime'], install: 'apt-get install -y faketime' },
  {
    suite: 'test/e2e/start-up.test.ts',
    programs: ['bwrap', 'faketime'],
    install: 'apt-get install -y bubblewrap faketime',
  },
  ...['test/e2e/outages-postgres.test.ts', 'test/e2e/outages-sqlite.test.ts'].map((suite) => ({
    suite,
    programs: ['faketime'],
    install: 'apt-get install -y faketime',
  })),
  {
    suite: 'test/interop/glewlwyd.test.ts',
    programs: ['glewlwyd'],
    install: 'apt-get install -y glewlwyd',
  },
  ...[
    'test/attacks/hosted-servers.test.ts',
    'test/attacks/other-accounts.test.ts',
    'test/e2e/all-users.test.ts',
    'test/e2e/hosted-servers.test.ts',
    'test/e2e/inventory.test.ts',
    'test/faults/faults.test.ts',
    'test/faults/full-disks.long.test.ts',
    'test/faults/power-cuts.long.test.ts',
    'test/fuzz/fuzz.test.ts',
    'test/fuzz/fuzz.long.test.ts',
    'test/load/slow-clients.long.test.ts',
    'test/load/streaming-sessions.long.test.ts',
  ].map((suite) => ({ suite, programs: ['bwrap'], install: 'apt-get install -y bubblewrap' })),
];
/** Far above what two cores need, so that a busy machine is slow and not red. */
const TIMEOUT_MS = 15 * 60_000;
const LONG_ROUNDS = 3;
/** Of kills for each database. */
const LONG_FAULT_ROUNDS = '300';
const LONG_TIMEOUT_MS = 55 * 60_000;

/** Hundreds of processes load the same code: what Node compiled of it is kept, by content. */
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'node');

const strict = process.env.CI === 'true';
const total = { passed: 0, failed: 0, skipped: 0 };

const long = process.argv.includes('--long');
prepare();
preparePeers(long);
const missing = NEEDS.filter(({ suite, programs }) => existsSync(join(root, suite)) && !programs.every(installed));
const unit = long ? undefined : passedReport();
if (unit !== undefined) {
  console.log('The unit suite passed on these very files within the hour (npm run unit), and is not run again.');
  count(unit);
}
// Together, since the suites of processes mostly wait and leave a core to the others.
suites([...(unit ? [] : ['unit']), 'system', ...(long ? [] : ['faults'])], missing);
walk();
if (long) {
  suites(['long'], missing, LONG_TIMEOUT_MS);
  // Alone: loads that are measured do not go with kills.
  suites(['faults'], missing, LONG_TIMEOUT_MS, { FAULT_ROUNDS: LONG_FAULT_ROUNDS });
}
const rounds = long ? LONG_ROUNDS : 1;
for (let round = 1; round < rounds; round += 1) {
  suites(['system'], missing);
  walk();
}
for (const { suite, install } of missing) {
  console.log(`${strict ? 'Failed' : 'Skipped'}: ${suite}. What it needs is not installed; run: ${install}`);
  total[strict ? 'failed' : 'skipped'] += 1;
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);

/** Runs vitest projects under the project's own Node and adds what they counted. */
function suites(projects, excluded, timeout = TIMEOUT_MS, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-run-'));
  const report = join(folder, 'report.json');
  const { status } = spawnSync(
    node,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      ...excluded.flatMap(({ suite }) => ['--exclude', suite]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit', timeout },
  );
  if (status === null) console.log(`Not finished within ${timeout / 60_000} minutes: ${projects.join(', ')}`);
  const counted = existsSync(report) ? count(JSON.parse(readFileSync(report, 'utf8'))) : 0;
  // A run that breaks outside of any test must not pass.
  if (status !== 0 && counted === 0) total.failed += 1;
  rmSync(folder, { recursive: true, force: true });
}

/** Adds a report's numbers and names what was skipped; returns how many failed. */
function count(report) {
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const failed = report.numFailedTests + broken.length;
  total.passed += report.numPassedTests;
  total.failed += failed;
  total.skipped += report.numPendingTests + report.numTodoTests;
  for (const file of report.testResults) {
    const skipped = file.assertionResults.filter(({ status }) => status === 'pending' || status === 'skipped');
    for (const { fullName } of skipped) console.log(`Skipped: ${file.name.slice(root.length + 1)}: ${fullName}`);
  }
  return failed;
}

/** The demo, as a stranger starts it. */
function walk() {
  const status = npm(['run', '--silent', 'demo', '--', '--once']);
  total[status === 0 ? 'passed' : 'failed'] += 1;
  if (status !== 0) console.log(`npm run demo -- --once ended with ${status}.`);
}

function installed(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

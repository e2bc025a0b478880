// Makes a fresh clone runnable: packages, build, executable, each only where missing or stale.
// Free of dependencies; runs on Node 20, before the project's own Node 24 is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
const INSTALL = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--no-update-notifier'];

/** The project's own Node 24. */
export const node = join(root, 'node_modules', '.bin', windows ? 'node.exe' : 'node');

/** Installs, builds and packages; ends the process with what failed where one step does. */
export function prepare() {
  if (!installed('.')) step('npm ci', INSTALL);
  const { version } = read('package.json');
  const os = { win32: 'windows', darwin: 'macos' }[process.platform] ?? process.platform;
  const executable = `mcp-sso-${version}-${os}-${process.arch}${windows ? '.exe' : ''}`;
  whenStale(
    'build',
    ['cli', 'control-plane', 'demo', 'shared'],
    ['dist/control-plane/main.js', 'dist/cli/main.js', 'dist/demo/main.js'],
  );
  whenStale('package', ['cli', 'shared'], [`dist/${executable}`]);
}

/** Programs of other people that tests run against, AI apps (almost 1 GB) only for the long run. None of their install scripts runs. */
export function preparePeers(long = false) {
  const peers = join('test', 'peers');
  for (const folder of long ? [peers, join(peers, 'ai-apps')] : [peers]) {
    if (!installed(folder)) step(`npm ci in ${folder}`, [...INSTALL, '--ignore-scripts', '--prefix', folder]);
  }
}

/** Runs npm in the repository with its output shown; returns the exit code. */
export function npm(args, env = process.env) {
  const viaNpm = process.env.npm_execpath;
  const [command, first] = viaNpm?.endsWith('.js') ? [process.execPath, [viaNpm]] : ['npm', []];
  const { status } = spawnSync(command, [...first, ...args], {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: windows && !viaNpm,
  });
  return status ?? 1;
}

/** Whether a folder's node_modules is what its package-lock.json asks for, by npm's own record of what it installed. */
function installed(folder) {
  const record = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(join(root, record))) return false;
  const there = read(record).packages;
  return Object.entries(read(join(folder, 'package-lock.json')).packages).every(
    ([path, { version, optional, peer }]) => {
      if (path === '') return true;
      return there[path] ? there[path].version === version : (optional ?? peer ?? false);
    },
  );
}

/** Runs an npm script where its outputs are missing or were made from other sources. */
function whenStale(script, folders, outputs) {
  const stamp = join(root, 'dist', `.${script}-stamp`);
  const hash = hashOf(folders);
  const fresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
  if (fresh && outputs.every((output) => existsSync(join(root, output)))) return;
  step(`npm run ${script}`, ['run', '--silent', script]);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

function step(name, args) {
  console.error(`${name} …`);
  const status = npm(args);
  if (status === 0) return;
  console.error(`${name} failed with exit code ${status}.`);
  process.exit(1);
}

function hashOf(folders) {
  const hash = createHash('sha256');
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  );
  const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) =>
    join(root, name),
  );
  for (const file of [...files.toSorted(), ...settings])
    hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function read(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

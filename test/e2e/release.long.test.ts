import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../demo/stack/root.js';

const STRIP = spawnSync('aarch64-linux-gnu-strip', ['--version']).status === 0;
const INSTALL = 'apt-get install -y binutils binutils-aarch64-linux-gnu';

/** The hashes of the executables of every platform that can be made here, by name, built in a folder of its own. */
function buildAll(): Record<string, string> {
  const folder = mkdtempSync(join(ROOT, 'dist', '.elsewhere-'));
  try {
    for (const part of ['cli', 'shared', 'node_modules']) {
      execFileSync('cp', ['-al', join(ROOT, part), join(folder, part)]);
    }
    for (const file of ['package.json', 'package-lock.json']) linkSync(join(ROOT, file), join(folder, file));
    // What was downloaded before, checked against the lock file then, is not downloaded again.
    const downloads = join(ROOT, 'dist', '.platform-packages');
    mkdirSync(join(folder, 'dist'));
    if (existsSync(downloads)) execFileSync('cp', ['-al', downloads, join(folder, 'dist')]);
    const script = join(folder, 'cli/packaging/executable.mjs');
    const said = execFileSync(process.execPath, [script, '--all'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const files = said.trim().split('\n');
    return Object.fromEntries(files.map((file) => [basename(file), hashOf(file)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

describe.runIf(process.platform === 'linux' && STRIP)(`executables of every platform (${INSTALL})`, () => {
  test('are the same bytes each time, wherever they are built', () => {
    const once = buildAll();
    expect(Object.keys(once).map((name) => name.replace(/^mcp-sso-[^-]+-/, ''))).toEqual([
      'linux-x64',
      'linux-arm64',
      'windows-x64.exe',
    ]);
    expect(buildAll()).toEqual(once);
  });
});

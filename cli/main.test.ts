import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, test } from 'vitest';
import { bundle } from './bridge/testing/executable.js';

let program: string;
beforeAll(async () => {
  program = await bundle("import '../main.js';");
});

const run = (args: readonly string[], stdout: 'pipe' | number = 'pipe') =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', stdio: ['ignore', stdout, 'pipe'] });

test('the views of a terminal are no part of the file that every verb loads, the bridge too', () => {
  expect(readFileSync(program, 'utf8')).not.toMatch(/node_modules\/(ink|react|yoga-layout)\//);
});

test.skipIf(!existsSync('/dev/full'))('output that a full disk has lost is a failure', () => {
  const full = openSync('/dev/full', 'w');
  expect(run(['version'], full).status).toBe(1);
  closeSync(full);
});

test.skipIf(process.platform !== 'linux')('whoever reads slowly gets all of a long output', async () => {
  const unknown = Array.from({ length: 12 }, (_, index) => `${index}${'x'.repeat(100_000)}`);
  const args = [program, 'setup', '--json', ...unknown];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await expect(once(child, 'exit', { signal: AbortSignal.timeout(1_500) })).rejects.toThrow('aborted');
  expect((await text(child.stdout)).length).toBeGreaterThan(1_200_000);
});

test.each([
  [['--help'], 'mcp-sso login --url https://mcp.example.com'],
  [['audit', '--help'], 'mcp-sso audit search --user alice --since yesterday'],
  [['bridge', '--help'], 'mcp-sso bridge --server github'],
])('%j ends with an example', (args, example) => {
  expect(run(args)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(new RegExp(`Example:\n  ${example}\n$`)),
  });
});

test('sign-ins that could not be deleted do not pass for deleted', async () => {
  const home = await mkdtemp(join(tmpdir(), 'main-'));
  const file = join(home, 'file');
  await writeFile(file, '');
  const env = { HOME: home, XDG_STATE_HOME: join(file, 'state') };
  const { status, stderr } = spawnSync(process.execPath, [program, 'logout', '--all'], { encoding: 'utf8', env });
  expect({ status, stderr }).toMatchObject({ status: 7, stderr: expect.stringContaining('cannot be used as a lock') });
  await rm(home, { recursive: true });
});

test('a server that can be none is wrong use, and the message names nothing that is not there', () => {
  const { status, stderr } = run(['bridge', '--server', '../api']);
  expect(status).toBe(2);
  expect(stderr).toBe(
    'mcp-sso: “../api” is not the id of a server. Ids look like github. Add --help to see an example.\n',
  );
});

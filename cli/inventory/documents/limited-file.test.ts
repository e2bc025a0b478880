import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readLimitedFile } from './limited-file.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inventory-'));
  file = join(folder, 'mcp.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a link to a file is followed, as dotfile managers make them', async () => {
  await writeFile(join(folder, 'target'), '{}');
  await symlink('target', file);
  expect(await readLimitedFile(file, undefined)).toEqual({ text: '{}' });
});

test('nothing is there', async () => {
  expect(await readLimitedFile(file, undefined)).toEqual({});
});

test('a pipe is never waited for, and a device never read', async () => {
  execFileSync('mkfifo', [file]);
  expect(await readLimitedFile(file, undefined)).toEqual({ refused: 'it is not a file' });
  expect(await readLimitedFile('/dev/zero', undefined)).toEqual({ refused: 'it is not a file' });
});

describe.skipIf(process.geteuid?.() !== 0)('as root (needs root)', () => {
  test('pitfall 32, inventory: a person’s link does not make root read what they could not', async () => {
    const secret = join(folder, 'of-root');
    await writeFile(secret, '{"mcpServers":{}}', { mode: 0o600 });
    await symlink(secret, file);
    expect(await readLimitedFile(file, 65_534)).toEqual({ refused: 'it belongs to another account' });
    await chmod(secret, 0o644);
    expect(await readLimitedFile(file, 65_534)).toEqual({ text: '{"mcpServers":{}}' });
    await chmod(secret, 0o600);
    await chown(secret, 65_534, 65_534);
    expect(await readLimitedFile(file, 65_534)).toEqual({ text: '{"mcpServers":{}}' });
  });
});

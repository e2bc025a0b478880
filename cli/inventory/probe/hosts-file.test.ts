import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readHostsFile } from './hosts-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inventory-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(text: string) {
  const file = join(folder, 'hosts');
  await writeFile(file, text);
  return (await readHostsFile(file, [80, 443])).map(({ host, port, schemes, paths }) => [
    host,
    port,
    schemes[0],
    paths[0],
  ]);
}

it('takes hosts, ports and addresses', async () => {
  const text =
    '# mine\ncrm.internal\n10.0.0.1:3000 # dev\n[fd00::1]:8443\nfd00::2\r\nhttps://mcp.example/v1/mcp\nhttp://h:8080\n';
  expect(await read(text)).toEqual([
    ['crm.internal', 80, 'http', '/mcp'],
    ['crm.internal', 443, 'https', '/mcp'],
    ['10.0.0.1', 3000, 'http', '/mcp'],
    ['fd00::1', 8443, 'https', '/mcp'],
    ['fd00::2', 80, 'http', '/mcp'],
    ['fd00::2', 443, 'https', '/mcp'],
    ['mcp.example', 443, 'https', '/v1/mcp'],
    ['h', 8080, 'http', '/mcp'],
  ]);
});

it.each(['a b', 'host:0', 'host:99999', 'ftp://host', 'https://user:pw@host/', '10.0.0.0/24', '[nope]:1', 'host:1:2'])(
  'refuses the line %s by its number, without quoting it',
  async (line) => {
    await expect(read(`ok\n${line}\n`)).rejects.toMatchObject({
      code: 'config_invalid',
      message: `${join(folder, 'hosts')}, line 2: not a host, host:port or http(s) address. Correct the line, then try again.`,
    });
  },
);

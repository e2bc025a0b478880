import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '../../../demo/stack/stack.js';
import { PostgresServer } from '../postgres-server.js';

/** Every file below a folder, by its path. */
export function filesBelow(folder: string): Map<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(entries.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name))]));
}

/** All that the database keeps: its files with their logs, and of PostgreSQL also a dump, since its files are compressed. */
export function bytesOfDatabase(stack: Stack, postgres: PostgresServer | undefined, url: string): Map<string, Buffer> {
  if (postgres === undefined) return filesBelow(join(stack.config, 'data'));
  const dump = join(PostgresServer.installed() ?? '', 'pg_dump');
  const files = [
    ...filesBelow(join(postgres.folder, 'data', 'base')),
    ...filesBelow(join(postgres.folder, 'data', 'pg_wal')),
  ];
  return new Map([['pg_dump', execFileSync(dump, [url], { maxBuffer: 1024 ** 3 })], ...files]);
}

/** The command line of every process of this machine. */
export function commandLines(): Map<string, Buffer> {
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [`/proc/${pid}/cmdline`, readIfThere(`/proc/${pid}/cmdline`)] as const);
  return new Map(lines);
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

/** What went through a proxy, as it was and without the frames of chunked transfer (RFC 9112 §7.1), which may cut a secret. */
export function bytesOfTraffic(recorded: Buffer): Map<string, Buffer> {
  const unframed = recorded.toString('latin1').replaceAll(/\r\n(?:[0-9a-fA-F]+\r\n)?/g, '');
  return new Map([
    ['traffic', recorded],
    ['traffic without frames', Buffer.from(unframed, 'latin1')],
  ]);
}

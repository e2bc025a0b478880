import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { found, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, type Found } from '../finding.js';

/** A bridge of this account that runs now. */
interface RunningBridge {
  readonly pid: number;
  /** Name of the process that started it, or that took it over when that one ended. */
  readonly parent: string;
  /** Whether the file that it was started from has been replaced or deleted. */
  readonly replaced: boolean;
}

/** Bridges that nobody needs any more, or that are older than the program. Only Linux shows them without asking another program. */
export const BRIDGES: Check = {
  name: 'bridges',
  title: 'Running bridges',
  needs: [],
  limit: 2_000,
  code: 'internal',
  platforms: ['linux'],
  run: () => Promise.resolve(found(...judgeBridges(runningBridges()))),
};

/** What takes over the processes of a parent that has ended. */
const INIT: ReadonlySet<string> = new Set(['init', 'systemd']);

export function judgeBridges(bridges: readonly RunningBridge[]): Found[] {
  const faults = bridges.flatMap(({ pid, parent, replaced }) => [
    ...(INIT.has(parent) ? [fault('bridges', 'bridge_orphaned', { pid })] : []),
    ...(replaced ? [fault('bridges', 'bridge_replaced', { pid })] : []),
  ]);
  const count = bridges.length === 1 ? 'One bridge runs' : `${bridges.length || 'No'} bridges run`;
  return faults.length > 0 ? faults : [ok(`${count}.`)];
}

const DELETED = ' (deleted)';

function runningBridges(): RunningBridge[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readBridge(name) ?? []);
}

function readBridge(name: string): RunningBridge | undefined {
  try {
    const folder = `/proc/${name}`;
    if (statSync(folder).uid !== process.getuid?.()) return undefined;
    const [program = '', ...words] = readFileSync(`${folder}/cmdline`, 'utf8').split('\0');
    if (!isBridge(program, words)) return undefined;
    const [, parentId = ''] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`${folder}/status`, 'utf8')) ?? [];
    const parent = readFileSync(`/proc/${parentId}/comm`, 'utf8').trim();
    const replaced = readlinkSync(`${folder}/exe`).endsWith(DELETED);
    return { pid: Number(name), parent, replaced };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

function isBridge(program: string, words: readonly string[]): boolean {
  return basename(program).startsWith('mcp-sso') && words[0] === 'bridge';
}

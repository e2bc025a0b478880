import { readFileSync, statSync } from 'node:fs';
import { installedBytes } from '../peers/installed-size.js';
import { absenceOf } from '../peers/programs.js';
import { median } from '../table/pairs.js';
import { figure, measured, notMeasured, type Row } from '../table/row.js';
import { TOOL } from './field.js';
import { StdioClient, type CommandLine } from './stdio-client.js';

const ROUNDS = 3;
const SECONDS_OF_CALLS = 2;
const MB = 1_000_000;

/** What stands between an AI app and the control plane. */
export interface Bridge {
  readonly id: 'bridge' | 'mcp-remote' | 'supergateway';
  readonly command: CommandLine | { readonly absent: string };
}

/** What each bridge holds in memory after some seconds of calls: an AI app starts one for each server, and keeps it. */
export async function memoryRows(bridges: readonly Bridge[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { id, command } of bridges) {
    const about = {
      id: `memory-${id}`,
      what: `${id}: resident memory after ${SECONDS_OF_CALLS} s of calls`,
      unit: 'MB' as const,
    };
    if ('absent' in command) rows.push(notMeasured(about, command.absent));
    else if (process.platform !== 'linux') rows.push(notMeasured(about, 'needs /proc of Linux'));
    else rows.push(await measured(about, () => residentMemory(command)));
  }
  return rows;
}

async function residentMemory(command: CommandLine) {
  const found: { resident: number; own: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    using client = new StdioClient(command);
    await client.initialize();
    await client.callTime(TOOL, SECONDS_OF_CALLS);
    found.push(memoryOf(client.pid));
  }
  const own = median(found.map((one) => one.own));
  return { value: median(found.map(({ resident }) => resident)), detail: `${own.toFixed(0)} MB of it its own alone` };
}

/** In MB: resident, and of that what is not the file of the program, which all its processes share. */
function memoryOf(pid: number | undefined) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1_024) / MB;
  return { resident: of('VmRSS'), own: of('RssAnon') };
}

/** What has to be brought to a computer: the executable; of mcp-remote its packages, and the Node that runs them. */
export function sizeRows(executable: string): Row[] {
  const own = { id: 'size-bridge', what: 'bridge: the executable', unit: 'MB' as const };
  const other = { id: 'size-mcp-remote', what: 'mcp-remote: its packages and Node', unit: 'MB' as const };
  const absent = absenceOf('mcp-remote');
  const node = statSync(process.execPath).size;
  const rows = [figure(own, { value: statSync(executable).size / MB, detail: 'one file, Node in it' })];
  if (absent !== undefined) return [...rows, notMeasured(other, absent)];
  const packages = installedBytes('mcp-remote');
  const detail = `${(packages.bytes / MB).toFixed(1)} in ${packages.files} files + ${(node / MB).toFixed(0)}`;
  return [...rows, figure(other, { value: (packages.bytes + node) / MB, detail })];
}

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandContext } from '../context.js';
import { exportAudit } from './audit-export.js';
import { fetchReceipt } from './audit-receipt.js';
import { Log } from './testing/log.js';
import { verifyExportOffline, verifyReceiptOffline } from './verify-offline.js';

let folder: string;
let printed: string;
let context: CommandContext;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-sso-export-'));
  printed = '';
  context = {
    stdout: (text) => void (printed += text),
    stderr: () => undefined,
    env: { MCP_SSO_URL: 'https://mcp.acme.example' },
    json: true,
    interactive: false,
    openBrowser: false,
    now: () => new Date('2026-11-23T09:00:00Z'),
    paths: { config: join(folder, 'config'), state: join(folder, 'state'), cache: join(folder, 'cache') },
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]): string => join(folder, ...names);

async function write(log: Log, to: string, options: { since?: string; payloads?: boolean } = {}): Promise<unknown> {
  printed = '';
  await exportAudit(context, { to: at(to), ...options }, log.read);
  return JSON.parse(printed);
}

async function verify(log: Log, name: string, since?: string): Promise<unknown> {
  printed = '';
  const options = { key: log.verifierKey, ...(since === undefined ? {} : { since }) };
  const exit = await verifyExportOffline(context, at(name), options);
  return { exit, ...(JSON.parse(printed) as object) };
}

function edit(path: string[], change: (lines: string[]) => string[]): void {
  const file = at(...path);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  writeFileSync(file, `${change(lines).join('\n')}\n`);
}

test('an export of a log that grows while it is read verifies offline, with the payloads of an auditor', async () => {
  const log = Log.of(7);
  // Seven and one for each page: 3, 3, 3, then 2 of the 11 there are by then.
  expect(await write(log, 'x', { payloads: true })).toEqual({ folder: at('x'), from: 0, records: 11, payloads: true });
  expect(await verify(log, 'x')).toMatchObject({ exit: 0, intact: true, from: 0, records: 11, size: 11, payloads: 11 });
  expect(JSON.parse(readFileSync(at('x', 'manifest.json'), 'utf8'))).toEqual({
    format: 'mcp-sso-audit-export@v1',
    source: 'https://mcp.acme.example',
    exportedAt: '2026-11-23T09:00:00.000Z',
    from: 0,
    records: 11,
    edge: [],
    payloads: true,
  });
});

test('an export goes on from the checkpoint of the one before, and is held against it', async () => {
  const log = Log.of(7);
  await write(log, 'first');
  const since = at('first', 'checkpoint.txt');
  expect(await write(log, 'second', { since })).toMatchObject({ from: 11 });
  expect(await verify(log, 'second', since)).toMatchObject({ exit: 0, from: 11, intact: true });
  expect(await verify(log, 'first', since)).toMatchObject({ exit: 0 });
  writeFileSync(at('older.txt'), Log.of(1).checkpoint());
  await expect(verify(log, 'second', at('older.txt'))).rejects.toMatchObject({ code: 'usage' });
  edit(['second', 'manifest.json'], (lines) => lines.map((line) => line.replace('"from": 11', '"from": 12')));
  expect(await verify(log, 'second', at('second', 'checkpoint.txt'))).toMatchObject({ exit: 8 });
});

test('an export of what came since does not hide that the past was rewritten: its edge is held against the checkpoint', async () => {
  const log = Log.of(7);
  await write(log, 'first');
  log.headers[2] = Log.of(3).headers[2]!;
  // As a control plane that was taken over writes it: all that is in it fits together.
  writeFileSync(at('rewritten.txt'), log.checkpoint());
  await write(log, 'second', { since: at('rewritten.txt') });
  expect(await verify(log, 'second')).toMatchObject({ exit: 0, from: 11 });
  expect(await verify(log, 'second', at('first', 'checkpoint.txt'))).toMatchObject({
    exit: 8,
    finding: { message: expect.stringContaining('The first 11 records are not those of an earlier check') as string },
  });
});

test('of what was rewritten between two checkpoints, the first record that may be is named', async () => {
  const log = Log.of(3);
  const published: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    published.push(JSON.stringify({ checkpoint: log.checkpoint() }));
    log.add('tool.call');
    log.add('tool.call');
  }
  writeFileSync(at('published.ndjson'), published.join('\n'));
  log.headers[6] = Log.of(7).headers[6]!;
  await write(log, 'x');
  expect(await verify(log, 'x', at('published.ndjson'))).toMatchObject({
    exit: 8,
    finding: {
      index: 5,
      message:
        'The first 7 records are not those of an earlier check: at least one from record 5 on was changed, removed, added or moved.',
    },
  });
});

test('where the past was rewritten, neither an export since then nor the whole of it passes', async () => {
  const log = Log.of(7);
  await write(log, 'first');
  log.headers[2] = Log.of(3).headers[2]!;
  const since = at('first', 'checkpoint.txt');
  await expect(write(log, 'second', { since })).rejects.toMatchObject({
    code: 'findings',
    message: expect.stringContaining('The first 11 records are not those of') as string,
  });
  await write(log, 'whole');
  expect(await verify(log, 'whole')).toMatchObject({ exit: 0 });
  expect(await verify(log, 'whole', since)).toMatchObject({
    exit: 8,
    finding: { message: expect.stringContaining('The first 11 records are not those of an earlier check') as string },
  });
});

test('every checkpoint that was published is held against the export; one of another key is refused', async () => {
  const log = Log.of(2);
  for (let round = 0; round < 3; round += 1) {
    appendFileSync(at('published.ndjson'), `${JSON.stringify({ time: 'now', checkpoint: log.checkpoint() })}\n`);
    log.add('tool.call');
  }
  await write(log, 'x');
  expect(await verify(log, 'x', at('published.ndjson'))).toMatchObject({ exit: 0, earlier: 3 });
  appendFileSync(at('published.ndjson'), `${JSON.stringify({ checkpoint: Log.of(2).checkpoint() })}\n`);
  await expect(verify(log, 'x', at('published.ndjson'))).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(/^Line 4 of /) as string,
  });
});

test.each([
  ['an edited record', 'headers.ndjson', (l: string[]) => l.with(4, l[4]!.replace('"count":3', '"count":4')), 4],
  ['a removed record', 'headers.ndjson', (l: string[]) => l.toSpliced(5, 1), 5],
  ['two records in each other’s place', 'headers.ndjson', (l: string[]) => l.with(1, l[2]!).with(2, l[1]!), 1],
  ['an added record', 'headers.ndjson', (l: string[]) => l.toSpliced(3, 0, l[3]!), 4],
  ['a cut tail', 'headers.ndjson', (l: string[]) => l.slice(0, 8), 8],
  ['another separator', 'headers.ndjson', (l: string[]) => l.with(6, `${l[6]!}\r`), 6],
  ['another leaf', 'leaves.txt', (l: string[]) => l.with(7, l[0]!), 7],
  ['a changed payload', 'payloads.ndjson', (l: string[]) => l.with(2, l[2]!.replace('zoë', 'bob')), 2],
  ['another salt', 'payloads.ndjson', (l: string[]) => l.with(2, l[3]!), 2],
  ['a missing payload', 'payloads.ndjson', (l: string[]) => l.slice(0, 9), 9],
  ['a payload in another form', 'payloads.ndjson', (l: string[]) => l.with(0, '{"state":"shown"}'), 0],
  ['a leaf of no record', 'leaves.txt', (l: string[]) => [...l, l[0]!], 11],
  ['a payload of no record', 'payloads.ndjson', (l: string[]) => [...l, l[0]!], 11],
])('found in an export: %s', async (_case, file, change, index) => {
  const log = Log.of(7);
  await write(log, 'x', { payloads: true });
  edit(['x', file], change);
  expect(await verify(log, 'x')).toMatchObject({ exit: 8, intact: false, finding: { index } });
});

test('bytes that are no text, and a checkpoint of another key, are found', async () => {
  const log = Log.of(2);
  await write(log, 'x');
  const bytes = readFileSync(at('x', 'headers.ndjson'));
  bytes[20] = 0xff;
  writeFileSync(at('x', 'headers.ndjson'), bytes);
  expect(await verify(log, 'x')).toMatchObject({ exit: 8, finding: { index: 0 } });
  await write(log, 'y');
  expect(await verify(Log.of(1), 'y')).toMatchObject({ exit: 8 });
  context = { ...context, json: false };
  await expect(verifyExportOffline(context, at('x'), { key: log.verifierKey })).rejects.toMatchObject({
    code: 'findings',
    message: expect.stringContaining('Record 0 is not a canonical audit record.') as string,
  });
});

test('a manifest that counts other records than there are is found', async () => {
  const log = Log.of(7);
  await write(log, 'x');
  edit(['x', 'manifest.json'], (lines) => lines.map((line) => line.replace('"records": 11', '"records": 9999')));
  expect(await verify(log, 'x')).toMatchObject({
    exit: 8,
    finding: { message: 'Its manifest says 9999 records, and there are 11.' },
  });
});

test('a file of another export of the same log is found', async () => {
  const log = Log.of(7);
  await write(log, 'x');
  await write(log, 'y');
  copyFileSync(at('x', 'headers.ndjson'), at('y', 'headers.ndjson'));
  expect(await verify(log, 'y')).toMatchObject({ exit: 8, finding: { index: 11 } });
  copyFileSync(at('y', 'checkpoint.txt'), at('x', 'checkpoint.txt'));
  expect(await verify(log, 'x')).toMatchObject({ exit: 8, finding: { index: 11 } });
});

test('an edge whose hashes are of other lengths is no edge', async () => {
  const log = Log.of(7);
  await write(log, 'first');
  await write(log, 'second', { since: at('first', 'checkpoint.txt') });
  edit(['second', 'manifest.json'], (lines) => lines.map((line) => line.replace(/^( {4}"[^"]+)="/, '$1A=="')));
  await expect(verify(log, 'second')).rejects.toMatchObject({ code: 'usage' });
});

test.each([
  ['a link', 'headers.ndjson', (file: string) => symlinkSync('/dev/zero', file)],
  ['a folder', 'payloads.ndjson', (file: string) => mkdirSync(file)],
  ['a pipe', 'checkpoint.txt', (file: string) => execFileSync('mkfifo', [file])],
  ['a line without an end', 'headers.ndjson', (file: string) => writeFileSync(file, Buffer.alloc(17_000_000, 0x20))],
  ['a manifest without an end', 'manifest.json', (file: string) => writeFileSync(file, Buffer.alloc(2_000_000, 0x20))],
])('an export that somebody else packed does not stop the reader: %s', async (_case, name, make) => {
  const log = Log.of(2);
  await write(log, 'x', { payloads: true });
  rmSync(at('x', name));
  make(at('x', name));
  await expect(verify(log, 'x')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining(at('x', name)) as string,
  });
});

test('a folder that holds something is left alone; one that is no export is said to be none', async () => {
  mkdirSync(at('full'));
  writeFileSync(at('full', 'mine'), '');
  await expect(write(Log.of(1), 'full')).rejects.toMatchObject({ code: 'usage' });
  await expect(verify(Log.of(1), 'full')).rejects.toMatchObject({ code: 'usage' });
  writeFileSync(at('full', 'manifest.json'), '{}');
  await expect(verify(Log.of(1), 'full')).rejects.toMatchObject({ code: 'usage' });
});

test('a receipt of a call and its outcome verifies offline; another key, or a changed record, does not', async () => {
  const log = Log.of(4);
  const id = log.add('tool.call', { phase: 'intent' });
  log.add('list');
  log.add('tool.call', { phase: 'outcome', ref: id });
  await fetchReceipt(context, id, { out: at('call.json') }, log.read);
  expect(JSON.parse(printed)).toEqual({ file: at('call.json'), records: 2 });
  printed = '';
  const options = { key: log.verifierKey };
  expect(await verifyReceiptOffline(context, at('call.json'), options)).toBe(0);
  expect(JSON.parse(printed)).toMatchObject({ intact: true, size: 8, records: [{ index: 4 }, { index: 6 }] });
  printed = '';
  expect(await verifyReceiptOffline(context, at('call.json'), { key: Log.of(1).verifierKey })).toBe(8);
  edit(['call.json'], (lines) => lines.map((line) => line.replace(String.raw`\"count\":3`, String.raw`\"count\":4`)));
  printed = '';
  expect(await verifyReceiptOffline(context, at('call.json'), options)).toBe(8);
  expect(JSON.parse(printed)).toMatchObject({ intact: false, finding: { index: 4, id } });
  writeFileSync(at('call.json'), 'hello');
  await expect(verifyReceiptOffline(context, at('call.json'), options)).rejects.toMatchObject({ code: 'usage' });
});

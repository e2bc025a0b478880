import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExportedRecord } from '../exported-record.js';
import { fileSink } from './file-sink.js';

const RECORD: ExportedRecord = {
  idx: 7,
  header: {
    v: 1,
    id: '0197a2b0-0000-7000-8000-000000000001',
    ts: 1_700_000_000_000,
    type: 'list',
    phase: 'event',
    facts: { person: 'usr_alice' },
    payload: 'a'.repeat(64),
  },
  personal: { email: 'alice@acme.example' },
  payload: 'shown',
};
const LINE = `{"idx":7,"header":{"v":1,"id":"0197a2b0-0000-7000-8000-000000000001","ts":1700000000000,"type":"list","phase":"event","facts":{"person":"usr_alice"},"payload":"${'a'.repeat(64)}"},"personal":{"email":"alice@acme.example"},"payload":"shown"}\n`;

let folder: string;
let path: string;
const send = async () => fileSink({ name: 'file', path, format: 'ndjson' }).send([RECORD], AbortSignal.timeout(10_000));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-sink-'));
  path = join(folder, 'audit.ndjson');
});
afterEach(async () => rm(folder, { recursive: true }));

test('appends one line a record, which only its own user reads', async () => {
  await send();
  await send();
  expect(await readFile(path, 'utf8')).toBe(LINE + LINE);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('goes on in a new file after the old one was moved away', async () => {
  await send();
  await rename(path, `${path}.1`);
  await send();
  expect(await readFile(path, 'utf8')).toBe(LINE);
});

test('what a crash cut off stays a line of its own', async () => {
  await writeFile(path, LINE.slice(0, 40));
  await send();
  expect(await readFile(path, 'utf8')).toBe(`${LINE.slice(0, 40)}\n${LINE}`);
});

test('says why it cannot write, without the path', async () => {
  path = join(folder, 'nowhere', 'audit.ndjson');
  await expect(send()).rejects.toThrow(/^its file cannot be written \(ENOENT\)$/);
});

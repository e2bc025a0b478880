import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandContext } from '../context.js';
import { verifyAudit } from './audit-verify.js';
import { rememberedLogFile } from './remembered-log.js';
import { Log } from './testing/log.js';

const ORIGIN = 'https://mcp.acme.example';

let folder: string;
let printed: string;
let context: CommandContext;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-sso-verify-'));
  printed = '';
  context = {
    stdout: (text) => void (printed += text),
    stderr: () => undefined,
    env: { MCP_SSO_URL: ORIGIN },
    json: true,
    interactive: false,
    openBrowser: false,
    now: () => new Date('2026-11-23T09:00:00Z'),
    paths: { config: join(folder, 'config'), state: join(folder, 'state'), cache: join(folder, 'cache') },
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function verify(log: Log, given: Parameters<typeof verifyAudit>[2] = {}): Promise<unknown> {
  printed = '';
  const exit = await verifyAudit(context, log.read, given);
  return { exit, ...(JSON.parse(printed) as object) };
}

test('a log of several pages, growing while it is read, is intact; the second check knows the key', async () => {
  const log = Log.of(7);
  // Seven and one for each page: 3, 3, 3, then 2 of the 11 there are by then.
  expect(await verify(log)).toMatchObject({ exit: 0, intact: true, records: 11, firstCheck: true });
  expect(await verify(log)).toMatchObject({ exit: 0, intact: true, firstCheck: false });
});

test('for a person the verdict names the key and says that it is its first time', async () => {
  context = { ...context, json: false };
  await verifyAudit(context, Log.of(1).read);
  expect(printed).toMatch(
    /^The audit log is intact: 2 records\.\nRoot {2}\S{44}\nKey {3}acme\/audit\+[0-9a-f]{8}\+\S+\nThis key was seen for the first time: compare/,
  );
});

test('an earlier checkpoint and a key that are given count like those that are remembered', async () => {
  const log = Log.of(4);
  const since = join(folder, 'checkpoint.txt');
  writeFileSync(since, log.checkpoint());
  expect(await verify(log, { since, key: log.verifierKey })).toMatchObject({ exit: 0, firstCheck: false });
  expect(await verify(log, { key: Log.of(1).verifierKey })).toMatchObject({
    exit: 8,
    finding: { message: expect.stringContaining('signed by another key than the one given') as string },
  });
  rmSync(context.paths.state, { recursive: true });
  log.headers[0] = Log.of(1).headers[0]!;
  expect(await verify(log, { since })).toMatchObject({
    exit: 8,
    finding: { message: expect.stringContaining('are not those of an earlier check') as string },
  });
});

test('what is personal is checked too, where an auditor asks; a changed one is named, and one that is kept back', async () => {
  const log = Log.of(4);
  expect(await verify(log, { payloads: true })).toMatchObject({ exit: 0, records: 6, payloads: 6 });
  const [kept] = log.payloads.splice(2, 1, { ...log.payloads[2]!, personal: '{"email":"bob@acme.example"}' } as never);
  expect(await verify(log)).toMatchObject({ exit: 0, payloads: 0 });
  expect(await verify(log, { payloads: true })).toMatchObject({ exit: 8, finding: { index: 2 } });
  log.payloads.splice(2, 1, kept!);
  const read = async (path: string): Promise<unknown> => ({ ...((await log.read(path)) as object), payloads: [] });
  printed = '';
  expect(await verifyAudit(context, read, { payloads: true })).toBe(8);
  expect(JSON.parse(printed)).toMatchObject({ finding: { index: 0 } });
});

test('another key at the same address is a finding, and is not remembered in place of the first', async () => {
  await verify(Log.of(1));
  const before = readFileSync(rememberedLogFile(context.paths, ORIGIN), 'utf8');
  expect(await verify(Log.of(1))).toMatchObject({
    exit: 8,
    finding: { message: expect.stringContaining('signed by another key than at the first check') as string },
  });
  expect(readFileSync(rememberedLogFile(context.paths, ORIGIN), 'utf8')).toBe(before);
});

test('a past that was rewritten and signed anew does not pass: the earlier checkpoint is remembered', async () => {
  const log = Log.of(4);
  await verify(log);
  const replacement = Log.of(1).headers[0]!;
  log.headers[0] = replacement;
  expect(await verify(log)).toMatchObject({
    exit: 8,
    finding: { message: expect.stringContaining('are not those of an earlier check') as string },
  });
});

test('a log that was cut and signed anew does not pass', async () => {
  const log = Log.of(9);
  await verify(log);
  log.headers.splice(2);
  expect(await verify(log)).toMatchObject({
    exit: 8,
    finding: { index: 3, message: 'The log was cut: it had 14 records at an earlier check and has 3 now.' },
  });
});

test('for a person a finding is an error with exit code 8 that names the record and what to do', async () => {
  context = { ...context, json: false };
  const log = Log.of(2);
  log.headers[1] = log.headers[1]!.replace('tool.call', 'tool.cAll').replace('{', '{ ');
  await expect(verifyAudit(context, log.read)).rejects.toMatchObject({
    code: 'findings',
    message: expect.stringMatching(
      /^The audit log does not verify\. Record 1 is not a canonical audit record\.\nKeep a copy of the database/,
    ) as string,
  });
});

test('a damaged memory is not taken for a first check', async () => {
  const log = Log.of(1);
  await verify(log);
  const file = rememberedLogFile(context.paths, ORIGIN);
  const otherSize = readFileSync(file, 'utf8').replace(String.raw`acme/audit\n2\n`, String.raw`acme/audit\n1\n`);
  for (const text of ['{', otherSize]) {
    writeFileSync(file, text);
    await expect(verifyAudit(context, log.read)).rejects.toMatchObject({ code: 'config_invalid' });
  }
});

test('an answer of another form is refused', async () => {
  await expect(verifyAudit(context, () => Promise.resolve({ headers: 'all of them' }))).rejects.toMatchObject({
    code: 'internal',
  });
});

test('a personal part that is gone is a finding', async () => {
  const log = Log.of(5);
  log.payloads[3] = { state: 'damaged' };
  expect(await verify(log)).toMatchObject({
    exit: 8,
    finding: { index: 3, message: 'The personal data of record 3 is not what was logged: it was changed or removed.' },
  });
});

test('what is expired needs an expiry on record, whatever else is erased', async () => {
  const log = Log.of(5);
  log.payloads[3] = { state: 'expired' };
  log.add('person.erase');
  expect(await verify(log)).toMatchObject({
    exit: 8,
    finding: { index: 3, message: expect.stringMatching(/no expiry of \w+\/\d{4}-\d\d is on record/) as string },
  });
});

test('what is erased needs an erasure on record', async () => {
  const log = Log.of(5);
  log.payloads[3] = { state: 'erased' };
  expect(await verify(log)).toMatchObject({
    exit: 8,
    finding: { index: 3, message: expect.stringContaining('no erasure of the person is on record') as string },
  });
  log.add('person.erase', { phase: 'intent' });
  expect(await verify(log)).toMatchObject({ exit: 0, intact: true });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isPythonMissing, verifyInPython as check } from '../../../test/support/python.js';
import { exportLog } from './export-log.js';
import { Log } from './testing/log.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-sso-python-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]): string => join(folder, ...names);

describe.skipIf(isPythonMissing())('with Python', () => {
  test('an export, and one that goes on from it, verify; one changed byte does not', async () => {
    const log = Log.of(5);
    const source = 'https://mcp.acme.example';
    const request = { payloads: true, source, now: new Date('2026-11-23T09:00:00Z') };
    await exportLog(log.read, { ...request, folder: at('first') });
    const since = at('first', 'checkpoint.txt');
    await exportLog(log.read, { ...request, folder: at('second'), since });
    const first = await check('export', at('first'), log.verifierKey);
    expect(first).toMatchObject({
      exit: 0,
      said: expect.stringMatching(/^export of 8 records: 8 [0-9a-f]{64}$/) as string,
    });
    expect(await check('export', at('second'), log.verifierKey, since)).toMatchObject({ exit: 0 });
    expect(await check('export', at('second'), Log.of(1).verifierKey)).toMatchObject({ exit: 8 });
    const later = at('second', 'checkpoint.txt');
    expect(await check('export', at('first'), log.verifierKey, later)).toMatchObject({
      exit: 8,
      said: expect.stringMatching(/^the log was cut: /) as string,
    });
    for (const name of ['headers.ndjson', 'payloads.ndjson', 'checkpoint.txt']) {
      const bytes = readFileSync(at('first', name));
      const middle = bytes.length >> 1;
      writeFileSync(at('first', name), bytes.with(middle, bytes[middle]! ^ 1));
      expect([name, (await check('export', at('first'), log.verifierKey)).exit]).toEqual([name, 8]);
      writeFileSync(at('first', name), bytes);
    }
  });

  test('a receipt verifies, and one of other words does not', async () => {
    const log = Log.of(12);
    const id = log.add('tool.call', { phase: 'intent' });
    log.add('tool.call', { phase: 'outcome', ref: id });
    const text = JSON.stringify(log.receipt(id));
    writeFileSync(at('receipt.json'), text);
    expect(await check('receipt', at('receipt.json'), log.verifierKey)).toEqual({
      exit: 0,
      said: 'receipt of 2 records',
    });
    writeFileSync(at('receipt.json'), text.replace(String.raw`\"count\":3`, String.raw`\"count\":4`));
    expect(await check('receipt', at('receipt.json'), log.verifierKey)).toEqual({
      exit: 8,
      said: 'record 12 is not in the log',
    });
  });

  test('a consistency proof verifies, and no other past fits it', async () => {
    const log = Log.of(11);
    writeFileSync(at('earlier.txt'), log.checkpoint());
    for (let more = 0; more < 9; more += 1) log.add('list');
    writeFileSync(at('proof.json'), JSON.stringify(await log.read('/api/v1/audit/consistency?from=11')));
    expect(await check('consistency', at('proof.json'), log.verifierKey, at('earlier.txt'))).toEqual({
      exit: 0,
      said: 'consistent from 11 to 21',
    });
    log.headers[3] = Log.of(4).headers[3]!;
    writeFileSync(at('proof.json'), JSON.stringify(await log.read('/api/v1/audit/consistency?from=11')));
    const { exit } = await check('consistency', at('proof.json'), log.verifierKey, at('earlier.txt'));
    expect(exit).toBe(8);
  });
});

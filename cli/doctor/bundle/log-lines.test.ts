import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BridgeLog } from '../../bridge/log.js';
import { shownLog } from './log-lines.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function logOf(lines: readonly string[]): string {
  const file = join(folder, 'bridge.log');
  writeFileSync(file, lines.join('\n'));
  return file;
}

test('shows what the bridge writes of its own work', () => {
  const lines: string[] = [];
  const log = new BridgeLog(
    { level: 'none', write: () => undefined },
    { level: 'debug', write: (line) => lines.push(line) },
  );
  log.warn('not answered by the control plane', { method: 'tools/call', code: 'network' });
  log.debug('answered', { method: 'tools/list', milliseconds: 12 });
  expect(shownLog(logOf(lines))).toMatchObject([
    { level: 'warn', event: 'not answered by the control plane', method: 'tools/call', code: 'network' },
    { level: 'debug', event: 'answered', method: 'tools/list', milliseconds: 12 },
  ]);
});

test('shows nothing that a line holds beside that', () => {
  const time = '2026-11-24T10:00:00.000Z';
  const line = (fields: object): string => JSON.stringify({ time, level: 'info', event: 'ending', ...fields });
  const file = logOf([
    'Authorization: Bearer s3cret',
    '{"half": "s3cret',
    line({ event: 'token s3cret' }),
    line({ level: 's3cret' }),
    line({ time: 's3cret' }),
    line({ detail: 's3cret', method: 's3cret', code: { deep: 's3cret' }, milliseconds: 's3cret', s3cret: 1 }),
  ]);
  expect(shownLog(file)).toEqual([{ time, level: 'info', event: 'ending' }]);
});

test('shows the last hundred lines of a long log, and nothing of one that is not there', () => {
  const line = JSON.stringify({ time: '2026-11-24T10:00:00.000Z', level: 'info', event: 'ending' });
  expect(shownLog(logOf(Array.from({ length: 5_000 }, () => line)))).toHaveLength(100);
  expect(shownLog(join(folder, 'nothing'))).toEqual([]);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { receiptSchema, type Receipt } from '#shared/audit-log/receipt.js';
import { verifyReceipt } from '#shared/audit-log/verify-receipt.js';
import type { CommandContext } from '../context.js';
import { Log } from './testing/log.js';
import { verifyReceiptOffline } from './verify-offline.js';

type Records = Receipt['records'];
type Proof = (lines: string[]) => string[];

/** A log of six, whose records 2 and 4 are a call; and what it grows by. */
function logWithCall(): { readonly log: Log; readonly id: string; readonly other: string } {
  const log = Log.of(2);
  const id = log.add('tool.call', { phase: 'intent' });
  const other = log.add('tool.call', { phase: 'intent' });
  log.add('tool.call', { phase: 'outcome', ref: id });
  log.add('tool.call', { phase: 'outcome', ref: other });
  return { log, id, other };
}

function receiptOf(log: Log, id: string): Receipt {
  return receiptSchema.parse(log.receipt(id));
}

function withProof(records: Records, change: Proof): Records {
  const [first, ...others] = records;
  return [{ ...first!, proof: change(first!.proof.split('\n')).join('\n') }, ...others];
}

test.each<readonly [string, Proof]>([
  ['one node more', (l) => l.toSpliced(2, 0, l[2]!)],
  ['one node more at the end', (l) => l.toSpliced(l.indexOf(''), 0, l[2]!)],
  ['one node less', (l) => l.toSpliced(2, 1)],
  ['two nodes in each other’s place', (l) => l.with(2, l[3]!).with(3, l[2]!)],
  ['a node of another length', (l) => l.with(2, l[2]!.slice(0, 40))],
  ['the place of another record', (l) => l.with(1, 'index 3')],
  ['a place outside of the log', (l) => l.with(1, 'index 6')],
  ['a place that no number holds', (l) => l.with(1, 'index 9007199254740993')],
  ['a place in another spelling', (l) => l.with(1, 'index 02')],
  ['a larger log', (l) => l.map((line) => (line === '6' ? '7' : line))],
  ['no checkpoint', (l) => l.slice(0, l.indexOf('') + 1)],
  ['a second signature', (l) => [...l.slice(0, -1), `${l.at(-2)!.slice(0, -6)}AAAA==`, '']],
  ['its signature twice', (l) => [...l.slice(0, -1), l.at(-2)!, '']],
])('refused: a receipt whose proof has %s', (_case, change) => {
  const { log, id } = logWithCall();
  const { records, ...receipt } = receiptOf(log, id);
  expect(verifyReceipt({ ...receipt, records }, log.verifierKey)).toHaveLength(2);
  const forged = { ...receipt, records: withProof(records, change) };
  expect(verifyReceipt(forged, log.verifierKey)).toHaveProperty('message');
});

test.each<readonly [string, (own: Records, others: Records) => Records]>([
  ['the outcome of another call', (own, others) => [own[0]!, others[1]!]],
  ['two calls', (own, others) => [own[0]!, others[0]!]],
  ['the outcome before the call', (own) => [own[1]!, own[0]!]],
  ['the call twice', (own) => [own[0]!, own[0]!]],
  ['a third record', (own, others) => [...own, others[0]!]],
  ['another record under the same proof', (own, others) => [{ ...own[0]!, header: others[0]!.header }, own[1]!]],
  ['the personal part of another record', (own, others) => [{ ...own[0]!, personal: others[0]!.personal }, own[1]!]],
  ['nothing', () => []],
])('refused: a receipt of %s', (_case, forge) => {
  const { log, id, other } = logWithCall();
  const { records, ...receipt } = receiptOf(log, id);
  const forged = { ...receipt, records: forge(records, receiptOf(log, other).records) };
  expect(verifyReceipt(forged, log.verifierKey)).toHaveProperty('message');
});

test('refused: a receipt whose records are proven at two sizes of the log, which may be two logs', () => {
  const { log, id } = logWithCall();
  const { records, ...receipt } = receiptOf(log, id);
  log.add('list');
  const later = receiptOf(log, id).records;
  expect(verifyReceipt({ ...receipt, records: [records[0]!, later[1]!] }, log.verifierKey)).toEqual({
    message: 'The records of the receipt are proven by different checkpoints.',
  });
});

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'mcp-sso-receipt-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [0, /\nThe personal part of 1 is shown, and is what they commit to\.\nIt holds no outcome of this call: .*\n$/],
  [1, /\nIt holds the outcome alone: the call itself was taken out\.\n$/],
])(
  'a receipt that somebody has taken a record out of says what it does not hold (record %i is left)',
  async (left, says) => {
    const { log, id } = logWithCall();
    const { records, ...receipt } = receiptOf(log, id);
    const file = join(folder, 'call.json');
    writeFileSync(file, JSON.stringify({ ...receipt, records: [records[left]!] }));
    let printed = '';
    const context = { stdout: (text: string) => void (printed += text), json: false } as unknown as CommandContext;
    expect(await verifyReceiptOffline(context, file, { key: log.verifierKey })).toBe(0);
    expect(printed).toMatch(says);
  },
);

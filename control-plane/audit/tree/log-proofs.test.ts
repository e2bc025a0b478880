import { afterEach, beforeEach, expect, test } from 'vitest';
import { consistencyRanges, inclusionRanges, verifyConsistency } from '#shared/audit-log/merkle-proof.js';
import { CompactRange, subtreesOf } from '#shared/audit-log/merkle-tree.js';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import type { Receipt } from '#shared/audit-log/receipt.js';
import { verifyReceipt } from '#shared/audit-log/verify-receipt.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { fillNodes } from '../../storage/migrations/010-audit-tree.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent, outcome } from '../testing/records.js';
import { LogProofs } from './log-proofs.service.js';

const NODES = 'select level, idx from audit_nodes order by level, idx';

test('a proof over a million records reads some hundred rows', () => {
  const size = 1_000_003;
  const rows = [0, 255, 524_287, 524_288, 999_999, size - 1].flatMap((index) => [
    rowsOf(inclusionRanges(index, size)),
    rowsOf(consistencyRanges(index + 1, size)),
  ]);
  expect(Math.max(...rows)).toBeLessThan(600);
});

function rowsOf(ranges: ReturnType<typeof inclusionRanges>): number {
  const levels = ranges.flatMap((range) => subtreesOf(range).map(({ level }) => level));
  return levels.reduce((sum, level) => sum + (level < 8 ? 2 ** level : 1), 0);
}

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  let proofs: LogProofs;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
    proofs = new LogProofs(audit.records, audit.storage);
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  async function fill(count: number): Promise<string[]> {
    const written = await Promise.all(Array.from({ length: count }, () => audit.service.write(intent())));
    return written.map(({ id }) => id);
  }

  async function receiptOf(id: string, payloads = true): Promise<Receipt> {
    return (await proofs.receipt(id, { payloads }))!;
  }

  test('subtrees of 256 and more are stored as they are completed, and by the migration for a log that is older', async () => {
    await fill(600);
    const nodes = [
      { level: 8, idx: 0 },
      { level: 8, idx: 1 },
      { level: 9, idx: 0 },
    ];
    expect(await temporary.database.query(NODES)).toEqual(nodes);
    const hashes = await temporary.database.query('select * from audit_nodes order by level, idx');
    await temporary.tamper('delete from audit_nodes');
    await fillNodes(audit.storage.db);
    expect(await temporary.database.query('select * from audit_nodes order by level, idx')).toEqual(hashes);
  });

  test('every record has a receipt that holds, whether or not the roots above it are stored', async () => {
    const ids = await fill(600);
    for (const id of [ids[0]!, ids[255]!, ids[256]!, ids[599]!]) {
      const { verifierKey } = proofs.checkpoint();
      expect(verifyReceipt(await receiptOf(id), verifierKey)).toMatchObject([
        { header: { id }, checkpoint: { size: 600 } },
      ]);
    }
    await temporary.tamper('delete from audit_nodes where level = 8');
    const { verifierKey } = proofs.checkpoint();
    expect(verifyReceipt(await receiptOf(ids[300]!), verifierKey)).toMatchObject([{ index: 300 }]);
  });

  test('a call is proven with its outcome, by the id of either; what is personal is shown to an auditor alone', async () => {
    const { id } = await audit.service.write(intent());
    await audit.service.write(intent());
    const { id: answered } = await audit.service.write(outcome(id));
    const receipt = await receiptOf(id);
    expect(receipt).toEqual(await receiptOf(answered));
    const { verifierKey } = proofs.checkpoint();
    expect(verifyReceipt(receipt, verifierKey)).toMatchObject([
      { index: 0, header: { id, phase: 'intent' } },
      { index: 2, header: { ref: id, phase: 'outcome' } },
    ]);
    const [first] = receipt.records;
    expect(first?.personal).toMatchObject({
      state: 'shown',
      personal: expect.stringContaining('"email":"alice@acme.example"') as string,
    });
    const withheld = await receiptOf(id, false);
    expect(withheld.records.map(({ personal }) => personal)).toEqual([{ state: 'withheld' }, { state: 'withheld' }]);
    expect(verifyReceipt(withheld, verifierKey)).toHaveLength(2);
    expect(await proofs.receipt('0190f9d5-0000-7000-8000-000000000000', { payloads: true })).toBeUndefined();
  });

  test('a receipt that was changed, of another log, or with the personal data of somebody else does not hold', async () => {
    const { id } = await audit.service.write(intent());
    const { id: other } = await audit.service.write(intent({}, { email: 'bob@acme.example' }));
    const [receipt, another] = [await receiptOf(id), await receiptOf(other)];
    const { verifierKey } = proofs.checkpoint();
    const [record] = receipt.records;
    const changed = (change: Partial<Receipt['records'][number]>): unknown =>
      verifyReceipt({ ...receipt, records: [{ ...record!, ...change }] }, verifierKey);
    expect(changed({})).toMatchObject([{ index: 0 }]);
    expect(changed({ header: record!.header.replace('"allow"', '"deny"') })).toEqual({
      index: 0,
      id,
      message: 'Record 0 is not in the log that the checkpoint is over: it was changed.',
    });
    expect(changed({ header: ` ${record!.header}` })).toMatchObject({ message: expect.stringContaining('canonical') });
    expect(changed({ personal: another.records[0]!.personal })).toEqual({
      index: 0,
      id,
      message: 'The personal data shown for record 0 is not what it commits to.',
    });
    expect(changed({ proof: record!.proof.replace('index 0', 'index 1') })).toMatchObject({ index: 1 });
    expect(changed({ proof: 'index 0' })).toMatchObject({ message: expect.stringContaining('form') });
    expect(verifyReceipt({ ...receipt, records: [] }, verifierKey)).toMatchObject({ message: /no record/ });
    expect(verifyReceipt({ ...receipt, records: [record!, another.records[0]!] }, verifierKey)).toEqual({
      message: 'The records of the receipt are not those of one call.',
    });
    await using elsewhere = await TemporaryAudit.create(engine);
    await using stranger = await elsewhere.open();
    expect(verifyReceipt(receipt, stranger.records.signer.verifierKey)).toMatchObject({
      message: 'Its checkpoint does not carry a good signature of the log’s key.',
    });
  });

  test('what is stored is proved before it is handed out', async () => {
    const [id] = await fill(3);
    await temporary.tamper(`update audit_records set header = replace(header, '"allow"', '"deny"') where idx = 0`);
    await expect(proofs.receipt(id!, { payloads: true })).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: expect.stringContaining('record 0 does not lead to what was signed') as string,
    });
  });

  test('the log proves that it begins with what it was, and gives what somebody needs to go on from there', async () => {
    await fill(300);
    const before = proofs.checkpoint();
    await fill(257);
    const { from, to, proof, edge, checkpoint, verifierKey } = await proofs.consistency(before.size, undefined);
    expect([from, to]).toEqual([300, 557]);
    const [earlier, later] = [before.checkpoint, checkpoint].map((note) => openCheckpoint(note, verifierKey)!);
    const hashes = proof.map((hash) => Buffer.from(hash, 'base64'));
    expect(verifyConsistency(earlier!, later!, hashes)).toBe(true);
    expect(verifyConsistency({ ...earlier!, size: 299 }, later!, hashes)).toBe(false);
    const range = CompactRange.of(
      300,
      edge.map((root) => Buffer.from(root, 'base64')),
    );
    expect(range?.root()).toEqual(earlier!.root);
    expect((await proofs.consistency(0, 0)).proof).toEqual([]);
    for (const [a, b] of [
      [300, 200],
      [300, 558],
      [558, undefined],
    ] as const) {
      await expect(proofs.consistency(a, b)).rejects.toMatchObject({ code: 'params_invalid' });
    }
  });
});

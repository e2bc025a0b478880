import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditQuery } from '#shared/api/audit.js';
import { ErasureClaims } from '#shared/audit-log/erasure-claims.js';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { LogVerification, verifyLog } from '#shared/audit-log/verify-log.js';
import { TemporaryAudit, type OpenAudit } from './testing/open-audit.js';
import { intent } from './testing/records.js';
import type { Engine } from '../storage/engine.js';
import { onEachEngine } from '../storage/testing/engines.js';

const EVERYTHING: AuditQuery = { limit: 100 };

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
    for (const target of ['a', 'b', 'c', 'd']) await audit.service.write(intent({ target }));
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  async function verdict(): Promise<unknown> {
    const { headers, leaves, checkpoint, verifierKey } = await audit.service.log(0);
    const verification = new LogVerification(verifierKey);
    for (const [index, header] of headers.entries()) {
      const finding = verification.add(header, leaves[index]);
      if (finding) return finding;
    }
    return verification.finish(checkpoint);
  }

  test('the untouched log verifies', async () => {
    expect(await verdict()).toMatchObject({ size: 4 });
  });

  test.each([
    [
      'an edited header',
      `update audit_records set header = replace(header, '"allow"', '"deny"') where idx = 1`,
      { index: 1, message: 'Record 1 was edited: it no longer has the hash under which it was logged.' },
    ],
    [
      'a header in another spelling',
      `update audit_records set header = header || ' ' where idx = 2`,
      { index: 2, message: 'Record 2 is not a canonical audit record.' },
    ],
    [
      'a deleted record',
      'delete from audit_records where idx = 1',
      { index: 1, message: 'Record 1 is missing: 4 were signed.' },
    ],
    [
      'a cut tail',
      'delete from audit_records where idx >= 2',
      { index: 2, message: 'Record 2 is missing: 4 were signed.' },
    ],
  ])('found by the verifier: %s', async (_case, sql, finding) => {
    await temporary.tamper(sql);
    expect(await verdict()).toMatchObject(finding);
  });

  test('found by the verifier: two records in each other’s place', async () => {
    await temporary.tamper(
      `update audit_records set idx = case idx when 1 then -2 else -1 end where idx in (1, 2);
     update audit_records set idx = -idx where idx < 0`,
    );
    // By their times where they differ, by the root where both were written in one millisecond.
    const message = expect.stringMatching(
      /^(Record 2 is older than the record before it\.|The first 4 records are not those of the signed checkpoint: .*)$/,
    ) as string;
    expect(await verdict()).toMatchObject({ message });
  });

  test.each([
    ['a cut tail', 'delete from audit_records where idx >= 2', '4 records were signed and 2 are there'],
    ['a deleted record', 'delete from audit_records where idx = 1', 'record 1 is missing'],
    [
      'another leaf',
      `update audit_records set leaf = ${zeroes(engine)} where idx = 1`,
      'a record is not the one that was signed',
    ],
    ['no checkpoint', 'delete from audit_checkpoints', 'its checkpoint is missing'],
    ['no key', `delete from signing_keys where purpose = 'audit'`, 'its signing key is missing'],
    [
      'a checkpoint of the attacker’s',
      `update audit_checkpoints set note = replace(note, '\n4\n', '\n3\n')`,
      'its checkpoint is not signed by its key',
    ],
  ])('the service does not start on a log changed while it was down: %s', async (_case, sql, what) => {
    await audit.close();
    await temporary.tamper(sql);
    await expect(temporary.open()).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: `The audit log in the database was changed from outside: ${what}. Keep a copy for the investigation, then restore the whole database from a backup.`,
    });
  });

  test('payload rows that were swapped are not shown as each other’s', async () => {
    const { entries } = await audit.service.search(EVERYTHING, { payloads: true });
    const [first, second] = entries.map(({ id }) => id);
    await temporary.tamper(
      `update audit_payloads set record_id = 'x' where record_id = '${first}';
     update audit_payloads set record_id = '${first}' where record_id = '${second}';
     update audit_payloads set record_id = '${second}' where record_id = 'x'`,
    );
    const swapped = await audit.service.search(EVERYTHING, { payloads: true });
    expect(swapped.entries.map(({ payload, reason }) => [payload, reason])).toEqual([
      ['damaged', null],
      ['damaged', null],
      ['shown', 'Finance may read reports.'],
      ['shown', 'Finance may read reports.'],
    ]);
  });

  test('an index row that lies about a record does not change what is shown of it', async () => {
    await temporary.tamper(`update audit_index set decision = 'deny', subject = 'usr_bob', server = 'crm'`);
    const { entries } = await audit.service.search({ limit: 1 }, { payloads: true });
    expect(entries).toMatchObject([{ decision: 'allow', person: { id: 'usr_alice' }, server: 'finance' }]);
  });

  test('erasing a person’s key erases what is personal, and the log still verifies', async () => {
    await audit.service.erase(['usr_alice']);
    await audit.service.write(intent({ target: 'e' }));
    const { entries } = await audit.service.search(EVERYTHING, { payloads: true });
    expect(entries.map(({ target, payload, person }) => [target, payload, person?.email])).toEqual([
      ['e', 'erased', null],
      ['d', 'erased', null],
      ['c', 'erased', null],
      ['b', 'erased', null],
      ['a', 'erased', null],
    ]);
    expect(entries[1]).toMatchObject({ reason: null, address: null, client: { id: 'mcp-bridge', claimedName: null } });
    const { headers, checkpoint, verifierKey } = await audit.service.log(0);
    expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: 5 });
    const index = await audit.storage.db.selectFrom('audit_index').selectAll().execute();
    expect(index.map((row) => [row.subject, row.client, row.agent_session, row.group_set])).toEqual(
      index.map(() => [null, null, null, null]),
    );
  });

  test('a key that is not the one of then, a key or a payload that is gone, are damage and no erasure', async () => {
    for (const sql of [
      'update audit_subject_keys set created_at = 9999999999999',
      'delete from audit_subject_keys',
      'delete from audit_payloads',
    ]) {
      await temporary.tamper(sql);
      for (const payloads of [true, false]) {
        const { entries } = await audit.service.search(EVERYTHING, { payloads });
        const log = await audit.service.log(0, { payloads });
        const states = [...entries.map(({ payload }) => payload), ...log.payloads.map(({ state }) => state)];
        expect([sql, states]).toEqual([sql, states.map(() => 'damaged')]);
        expect(states).toHaveLength(8);
      }
    }
  });

  test('a person whom nobody erased by the record is found by the verifier', async () => {
    await temporary.tamper('update audit_subject_keys set erased_at = 1');
    const { headers, payloads } = await audit.service.log(0);
    const claims = new ErasureClaims();
    for (const [index, header] of headers.entries()) claims.add(index, parseHeader(header)!, payloads[index]!);
    expect(claims.finish()).toEqual({
      index: 0,
      id: parseHeader(headers[0]!)!.id,
      message:
        'The personal data of record 0 cannot be read, and no erasure of the person is on record: their key was taken away.',
    });
  });
});

function zeroes(engine: Engine): string {
  return engine === 'sqlite' ? 'zeroblob(32)' : "decode(repeat('00', 32), 'hex')";
}

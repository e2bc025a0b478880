import { expect, test } from 'vitest';
import { TemporaryAudit } from '../../audit/testing/open-audit.js';
import type { NewRecord } from '../../audit/record.js';
import { Metrics } from '../../observability/metrics.js';
import { RefusalRecords } from './refusal-records.js';

function refusalOf(person: string): NewRecord {
  const facts = { person, decision: 'deny' } as const;
  return { type: 'auth.refused', phase: 'event', facts, subject: person, personal: { reason: 'disabled' } };
}

test('somebody who is refused again and again fills no log: 30 records, then one each two seconds, which count the rest', async () => {
  await using temporary = await TemporaryAudit.create('sqlite');
  await using audit = await temporary.open();
  const metrics = new Metrics();
  let now = 1_000_000;
  const records = new RefusalRecords(audit.service, metrics, () => now);
  const refuse = (person: string, times: number) =>
    Promise.all(Array.from({ length: times }, () => records.write(refusalOf(person))));

  await refuse('mallory', 100);
  expect(audit.records.size).toBe(30);
  now += 2_000;
  await refuse('mallory', 5);
  await refuse('alice', 1);
  expect(audit.records.size).toBe(32);
  const { entries } = await audit.service.search({ limit: 3 }, { payloads: true });
  expect(entries.map(({ detail }) => detail)).toEqual([
    'refusals before this one, of anybody, that were too many to be recorded: 4',
    'refusals before this one, of anybody, that were too many to be recorded: 70',
    null,
  ]);
  const { text } = await metrics.exposition();
  expect(text).toContain('mcp_sso_audit_refusals_left_out_total{type="auth.refused"} 74');
  expect(text).toContain('mcp_sso_sign_ins_total{outcome="refused"} 74');
});

test('nor do many together: 300 a minute', async () => {
  await using temporary = await TemporaryAudit.create('sqlite');
  await using audit = await temporary.open();
  const records = new RefusalRecords(audit.service, new Metrics(), () => 1_000_000);
  await Promise.all(Array.from({ length: 400 }, (_, index) => records.write(refusalOf(`usr_${index}`))));
  expect(audit.records.size).toBe(300);
});

test('what was left out is said by a later record, where the next one cannot be written', async () => {
  await using temporary = await TemporaryAudit.create('sqlite');
  await using audit = await temporary.open();
  const records = new RefusalRecords(audit.service, new Metrics(), () => 1_000_000);
  await Promise.all(Array.from({ length: 31 }, () => records.write(refusalOf('mallory'))));
  await temporary.database.breakWrites('insert', 'audit_index');
  await expect(records.write(refusalOf('alice'))).rejects.toMatchObject({ code: 'audit_unavailable' });
  await temporary.database.mendWrites('audit_index');
  await records.write(refusalOf('alice'));
  const { entries } = await audit.service.search({ limit: 1 }, { payloads: true });
  expect(entries[0]).toMatchObject({
    detail: 'refusals before this one, of anybody, that were too many to be recorded: 1',
  });
});

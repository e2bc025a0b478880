import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyLog } from '#shared/audit-log/verify-log.js';
import { TemporaryAudit, type OpenAudit } from './testing/open-audit.js';
import { intent, outcome } from './testing/records.js';

let temporary: TemporaryAudit;
let audit: OpenAudit;
beforeEach(async () => {
  temporary = new TemporaryAudit();
  audit = await temporary.open();
});
afterEach(async () => {
  await audit.close();
  temporary[Symbol.dispose]();
});

test('a record is in the database file, whole, when write resolves', async () => {
  const { id } = await audit.service.write(intent());
  const file = temporary.connect();
  const tables = ['audit_records where id', 'audit_payloads where record_id', 'audit_index where record_id'];
  const counts = tables.map((table) => file.prepare(`select count(*) from ${table} = ?`).pluck().get(id));
  const checkpoint = file.prepare('select size from audit_checkpoints').pluck().get();
  file.close();
  expect({ counts, checkpoint }).toEqual({ counts: [1, 1, 1], checkpoint: 1 });
});

test('no one who reads the file sees personal data or the claimed client’s version', async () => {
  await audit.service.write(intent());
  const file = temporary.connect();
  const bytes = file.serialize();
  file.close();
  const seen = ['alice@acme.example', 'Alice Example', '192.0.2.7', 'Finance may read', '1.2.3'].filter((text) =>
    bytes.includes(text),
  );
  expect(seen).toEqual([]);
  expect(bytes.includes('get_report')).toBe(true);
});

test('concurrent writers get dense indexes and a log that verifies', async () => {
  await Promise.all(Array.from({ length: 1200 }, () => audit.service.write(intent())));
  const { headers, checkpoint, verifierKey } = await audit.service.log(0);
  expect(headers).toHaveLength(1200);
  expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ origin: 'mcp.acme.example/audit', size: 1200 });
});

test('the log goes on after a restart, under the same key', async () => {
  const { id } = await audit.service.write(intent());
  const before = await audit.service.log(0);
  await audit.close();
  audit = await temporary.open();
  await audit.service.write(outcome(id));
  const after = await audit.service.log(0);
  expect(after.headers).toHaveLength(2);
  expect(after.verifierKey).toBe(before.verifierKey);
  expect(verifyLog(after.headers, after.checkpoint, after.verifierKey)).toMatchObject({ size: 2 });
});

test('a clock that was set back does not turn the log around', async () => {
  await audit.service.write(intent());
  const [first] = (await audit.service.log(0)).headers;
  const { ts } = JSON.parse(first!) as { ts: number };
  await audit.records.append([
    {
      header: {
        v: 1,
        id: '019ab000-0000-7000-8000-000000000001',
        ts: ts - 60_000,
        type: 'list',
        phase: 'event',
        facts: {},
        payload: '0'.repeat(64),
      },
      subject: 'system',
      salt: Buffer.alloc(32),
      personal: {},
    },
  ]);
  const { headers } = await audit.service.log(0);
  expect(headers.map((header) => (JSON.parse(header) as { ts: number }).ts)).toEqual([ts, ts]);
});

test('a client that calls itself half a character harms nobody else', async () => {
  const claimedClient = { name: `evil\ud800${'x'.repeat(100_000)}`, version: '\udc00' };
  const written = await Promise.all([
    audit.service.write(intent({}, { claimedClient })),
    audit.service.write(intent()),
  ]);
  expect(written).toHaveLength(2);
  expect(audit.service.ready).toBe(true);
});

test('a disk that refuses: the writers are told, the service is unready, nothing is half written', async () => {
  await audit.service.write(intent());
  temporary.tamper("create trigger full before insert on audit_index begin select raise(abort, 'disk full'); end");
  const refused = await Promise.allSettled([audit.service.write(intent()), audit.service.write(intent())]);
  expect(refused).toMatchObject([
    { status: 'rejected', reason: { code: 'audit_unavailable' } },
    { status: 'rejected', reason: { code: 'audit_unavailable' } },
  ]);
  expect(audit.service.ready).toBe(false);
  temporary.tamper('drop trigger full');
  await audit.service.write(intent());
  const { headers, checkpoint, verifierKey } = await audit.service.log(0);
  expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: 2 });
});

test('two processes on one file take turns, and the log stays whole', async () => {
  const second = await temporary.open();
  for (let round = 0; round < 3; round++) {
    await Promise.all([audit.service.write(intent()), second.service.write(intent())]);
  }
  await second.service.write(intent());
  const { headers, checkpoint, verifierKey } = await second.service.log(0);
  expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: 7 });
  await second.close();
});

test('a record that somebody appended without the log’s key stops the log', async () => {
  const { id } = await audit.service.write(intent());
  temporary.tamper(`insert into audit_records select 1, id || 'x', header, leaf from audit_records where id = '${id}'`);
  await expect(audit.service.write(intent())).rejects.toMatchObject({
    code: 'audit_unavailable',
    detail: expect.stringContaining('changed from outside: 1 records were signed and 2 are there') as string,
  });
  const { headers } = await audit.service.log(0);
  expect(headers).toHaveLength(1);
});

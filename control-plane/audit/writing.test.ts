import { hostname } from 'node:os';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { verifyLog } from '#shared/audit-log/verify-log.js';
import { loadPayloads } from './search/load-payloads.js';
import { SubjectKeys } from './subject-keys.js';
import { TemporaryAudit, type OpenAudit } from './testing/open-audit.js';
import { intent, outcome } from './testing/records.js';
import type { Engine } from '../storage/engine.js';
import { onEachEngine } from '../storage/testing/engines.js';

const HOUR = 3_600_000;
/** From now: the time while all is well, and while it is not; PostgreSQL's own is right. */
const SKEWS: Record<Engine, [name: string, well: number, wrong: number, words: string][]> = {
  sqlite: [['set back', HOUR, 0, 'behind the newest audit record']],
  postgres: [
    ['set back', 0, -HOUR, 'behind the database'],
    ['set forward', 0, HOUR, 'ahead of the database'],
  ],
};

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  test('a record is in the database, whole, when write resolves', async () => {
    const { id } = await audit.service.write(intent());
    const tables = ['audit_records where id', 'audit_payloads where record_id', 'audit_index where record_id'];
    for (const table of tables) {
      expect(await temporary.database.query(`select count(*) as count from ${table} = '${id}'`)).toEqual([
        { count: 1 },
      ]);
    }
    expect(await temporary.database.query('select size from audit_checkpoints')).toEqual([{ size: 1 }]);
  });

  test('no one who reads the database sees personal data or the claimed client’s version', async () => {
    await audit.service.write(intent());
    const tables = ['audit_records', 'audit_payloads', 'audit_index', 'audit_subject_keys', 'audit_checkpoints'];
    const rows = (
      await Promise.all(tables.map((table) => temporary.database.query<object>(`select * from ${table}`)))
    ).flat();
    const fields = rows.flatMap((row) => Object.values(row) as unknown[]);
    const stored = fields
      .map((field) => (Buffer.isBuffer(field) ? field.toString('latin1') : String(field)))
      .join('\n');
    const seen = ['alice@acme.example', 'Alice Example', '192.0.2.7', 'Finance may read', '1.2.3'].filter((text) =>
      stored.includes(text),
    );
    expect(seen).toEqual([]);
    expect(stored.includes('get_report')).toBe(true);
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

  test('each record says which process wrote it, and a start says where that runs', async () => {
    const write = async (): Promise<void> => {
      await audit.service.recordStart();
      await audit.service.write({ ...intent(), phase: 'event' });
    };
    await write();
    await audit.close();
    audit = await temporary.open();
    await write();
    const headers = (await audit.service.log(0)).headers.map((text) => parseHeader(text)!);
    const replicas = headers.map(({ facts }) => String(facts['replica']));
    expect(headers.map(({ type }) => type)).toEqual([
      'system.start',
      'tool.call',
      'system.stop',
      'system.start',
      'tool.call',
    ]);
    expect([new Set(replicas.slice(0, 3)).size, new Set(replicas.slice(3)).size, new Set(replicas).size]).toEqual([
      1, 1, 2,
    ]);
    expect(replicas.filter((replica) => !/^[0-9a-f]{16}$/.test(replica))).toEqual([]);
    const starts = headers.filter(({ type }) => type === 'system.start');
    const payloads = await loadPayloads(audit.storage.db, new SubjectKeys(audit.storage), starts, true);
    expect([...payloads.values()]).toMatchObject(
      starts.map(() => ({ personal: { detail: `${hostname()}:${process.pid}` } })),
    );
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

  test.each(SKEWS[engine])(
    'a clock that was %s by more than five minutes stops the records until it is right again',
    async (_name, right, wrong, words) => {
      const now = Date.now();
      const refusal = {
        code: 'audit_unavailable',
        message:
          'The clock of the control plane is wrong, so nothing can be put on record and the call was refused. Tell your administrator.',
        detail: `The clock of this machine is 60 minutes ${words}. Set it right (NTP).`,
      };
      vi.useFakeTimers({ toFake: ['Date'], now: now + right });
      try {
        await audit.service.write(intent({ target: 'before' }));
        vi.setSystemTime(now + wrong);
        await expect(audit.service.checkWritable()).rejects.toMatchObject(refusal);
        await expect(audit.service.write(intent({ target: 'meanwhile' }))).rejects.toMatchObject(refusal);
        vi.setSystemTime(now + right);
        await audit.service.checkWritable();
        await audit.service.write(intent({ target: 'after' }));
      } finally {
        vi.useRealTimers();
      }
      const { headers, checkpoint, verifierKey } = await audit.service.log(0);
      expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: 3 });
      expect(headers.map((header) => (JSON.parse(header) as { type: string }).type)).toEqual([
        'tool.call',
        'system.resume',
        'tool.call',
      ]);
    },
  );

  test('a client that calls itself half a character harms nobody else', async () => {
    const claimedClient = { name: `evil\ud800${'x'.repeat(100_000)}`, version: '\udc00' };
    const written = await Promise.all([
      audit.service.write(intent({}, { claimedClient })),
      audit.service.write(intent()),
    ]);
    expect(written).toHaveLength(2);
    await audit.service.checkWritable();
  });

  test('a disk that refuses: the writers are told, the service is unready, nothing is half written', async () => {
    await audit.service.write(intent());
    await temporary.database.breakWrites('insert', 'audit_index');
    const refused = await Promise.allSettled([audit.service.write(intent()), audit.service.write(intent())]);
    expect(refused).toMatchObject([
      { status: 'rejected', reason: { code: 'audit_unavailable' } },
      { status: 'rejected', reason: { code: 'audit_unavailable' } },
    ]);
    await expect(audit.service.checkWritable()).rejects.toMatchObject({ code: 'audit_unavailable' });
    await temporary.database.mendWrites('audit_index');
    await audit.service.checkWritable();
    await audit.service.checkWritable();
    await audit.service.write(intent());
    const { headers, checkpoint, verifierKey } = await audit.service.log(0);
    expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: 3 });
    expect(headers.map((header) => (JSON.parse(header) as { type: string }).type)).toEqual([
      'tool.call',
      'system.resume',
      'tool.call',
    ]);
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

  test('what a client calls itself or its tool breaks no record, and the record is found by it', async () => {
    const names = ['nul\0here', 'half\ud800', '\u{1f600}'.repeat(4000), 'x'.repeat(8192), '\u0001\u001f\u007f', ''];
    for (const target of names) {
      const claimedClient = { name: target, version: target };
      await audit.service.write(intent({ target, server: target }, { claimedClient, reason: target, device: target }));
    }
    const { headers, checkpoint, verifierKey } = await audit.service.log(0);
    expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: names.length });
    const { entries } = await audit.service.search({ tool: 'nul\0here', limit: 10 }, { payloads: true });
    expect(entries).toMatchObject([{ target: 'nul\0here', client: { claimedName: 'nul\0here' } }]);
  });

  test('a database that was put back to an older copy while we run is noticed by the next record', async () => {
    await audit.service.write(intent());
    const [old] = await temporary.database.query<{ size: number; note: string }>('select * from audit_checkpoints');
    await audit.service.write(intent());
    await temporary.tamper(
      `delete from audit_records where idx = 1; update audit_checkpoints set size = 1, note = '${old?.note}'`,
    );
    await expect(audit.service.write(intent())).rejects.toMatchObject({
      code: 'audit_unavailable',
      detail: expect.stringContaining('its checkpoint is not over 2 records') as string,
    });
  });

  test('a record that somebody appended without the log’s key stops the log', async () => {
    const { id } = await audit.service.write(intent());
    await temporary.tamper(
      `insert into audit_records select 1, id || 'x', header, leaf from audit_records where id = '${id}'`,
    );
    await expect(audit.service.write(intent())).rejects.toMatchObject({
      code: 'audit_unavailable',
      detail: expect.stringContaining('changed from outside: 1 records were signed and 2 are there') as string,
    });
    const { headers } = await audit.service.log(0);
    expect(headers).toHaveLength(1);
  });
});

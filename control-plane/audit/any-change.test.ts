import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Checkpoint } from '#shared/audit-log/checkpoint.js';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { LogVerification, type LogFinding } from '#shared/audit-log/verify-log.js';
import { payloadFinding } from '#shared/audit-log/verify-receipt.js';
import { Random } from '../../test/support/random.js';
import { onEachEngine } from '../storage/testing/engines.js';
import { TemporaryAudit, type OpenAudit } from './testing/open-audit.js';
import { intent, outcome } from './testing/records.js';

/** In the name of every test; to repeat one, write its number here. */
const SEED = Date.now() % 1_000_000_000;
const RECORDS = 10;
const ROUNDS = 40;

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  let earlier: Checkpoint;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
    for (let call = 0; call < RECORDS / 2; call += 1) {
      const { id } = await audit.service.write(intent({ target: `tool_${call}` }));
      await audit.service.write(outcome(id));
    }
    earlier = openCheckpoint(audit.records.checkpoint, audit.records.signer.verifierKey)!;
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  /** What `mcp-sso audit verify --payloads` says, with the checkpoint of an earlier time. */
  async function verify(against: Checkpoint = earlier): Promise<LogFinding | Checkpoint> {
    const { headers, leaves, payloads, checkpoint, verifierKey } = await audit.service.log(0, { payloads: true });
    const verification = new LogVerification(verifierKey, [against]);
    for (const [index, header] of headers.entries()) {
      const finding =
        verification.add(header, leaves[index]) ?? payloadFinding(index, parseHeader(header)!, payloads[index]!);
      if (finding) return finding;
    }
    return verification.finish(checkpoint);
  }

  const rowsOf = () => audit.storage.db.selectFrom('audit_records').selectAll().orderBy('idx').execute();

  async function put(rows: Awaited<ReturnType<typeof rowsOf>>): Promise<void> {
    await audit.storage.db.deleteFrom('audit_records').execute();
    if (rows.length > 0) await audit.storage.db.insertInto('audit_records').values(rows).execute();
  }

  test(`one byte of any row and column of the records is found (SEED=${SEED})`, async () => {
    const random = new Random(SEED);
    const rows = await rowsOf();
    for (const [at, row] of rows.entries()) {
      const changes = [
        { ...row, header: oneLetter(row.header, random) },
        { ...row, leaf: oneBit(row.leaf, random) },
        { ...row, id: oneLetter(row.id, random) },
        { ...row, idx: row.idx ^ (1 << (4 + random.below(20))) },
      ];
      for (const changed of changes) {
        await put(rows.with(at, changed));
        expect([at, changed, await verify()]).toMatchObject([at, {}, { message: expect.any(String) as string }]);
      }
    }
    await put(rows);
    expect(await verify()).toMatchObject({ size: RECORDS });
  }, 60_000);

  test(`removing, adding and moving of records is found (SEED=${SEED})`, async () => {
    const random = new Random(SEED);
    const rows = await rowsOf();
    for (let round = 0; round < ROUNDS; round += 1) {
      const [a, b] = [random.below(rows.length), random.below(rows.length)];
      const id = `0190f9d5-0000-7000-8000-${String(round).padStart(12, '0')}`;
      const kind = random.of(['remove', 'close the gap', 'squeeze in', 'exchange'] as const);
      const without = rows.toSpliced(a, 1);
      const more = rows.toSpliced(a, 0, { ...rows[b]!, id });
      const variants = {
        remove: without,
        'close the gap': dense(without),
        'squeeze in': dense(more),
        exchange: dense(rows.with(a, rows[b]!).with(b, rows[a]!)),
      };
      if (kind === 'exchange' && a === b) continue;
      await put(variants[kind]);
      expect([kind, a, b, await verify()]).toMatchObject([kind, a, b, { message: expect.any(String) as string }]);
    }
    await put(rows);
  }, 60_000);

  test('a record more at the end is not taken for one of ours: nothing is added after it, and no call is made', async () => {
    const rows = await rowsOf();
    const id = '0190f9d5-0000-7000-8000-000000000000';
    await put([...rows, { ...rows[3]!, id, idx: RECORDS }]);
    expect(await verify()).toMatchObject({ size: RECORDS });
    await expect(audit.service.write(intent())).rejects.toMatchObject({
      code: 'audit_unavailable',
      detail: expect.stringContaining('10 records were signed and 11 are there') as string,
    });
    await put(rows);
    await audit.service.write(intent());
  });

  test(`one byte of what is personal is found, and is never shown as somebody’s (SEED=${SEED})`, async () => {
    const random = new Random(SEED);
    const { db } = audit.storage;
    const rows = await db.selectFrom('audit_payloads').selectAll().execute();
    for (const row of rows) {
      await db
        .updateTable('audit_payloads')
        .set({ sealed: oneBit(row.sealed, random) })
        .where('record_id', '=', row.record_id)
        .execute();
      expect(await verify()).toMatchObject({
        id: row.record_id,
        message: expect.stringContaining('personal') as string,
      });
      await db
        .updateTable('audit_payloads')
        .set({ sealed: row.sealed })
        .where('record_id', '=', row.record_id)
        .execute();
    }
    expect(await verify()).toMatchObject({ size: RECORDS });
  }, 60_000);

  test(`one byte of the checkpoint that is stored is found before anything is added to it (SEED=${SEED})`, async () => {
    const random = new Random(SEED);
    const { db } = audit.storage;
    const { note, size } = await db.selectFrom('audit_checkpoints').selectAll().executeTakeFirstOrThrow();
    await audit.close();
    for (let round = 0; round < 5; round += 1) {
      const changed = oneLetter(note, random);
      await temporary.tamper(`update audit_checkpoints set note = '${changed.replaceAll("'", "''")}'`);
      await expect(temporary.open()).rejects.toMatchObject({ code: 'audit_unavailable' });
    }
    await temporary.tamper(`update audit_checkpoints set note = '${note}', size = ${size}`);
    audit = await temporary.open();
    expect(await verify()).toMatchObject({ size: RECORDS });
  }, 60_000);

  test('an older copy of the database is found, also once it has grown past the earlier checkpoint', async () => {
    await audit.close();
    const restore = await copyOf(temporary);
    audit = await temporary.open();
    for (let more = 0; more < 3; more += 1) await audit.service.write(intent());
    const last = openCheckpoint(audit.records.checkpoint, audit.records.signer.verifierKey)!;
    await audit.close();
    await restore();
    audit = await temporary.open();
    expect(await verify()).toMatchObject({ size: RECORDS });
    expect(await verify(last)).toMatchObject({ message: expect.stringContaining('The log was cut') as string });
    for (let more = 0; more < 5; more += 1) await audit.service.write(intent());
    expect(await verify()).toMatchObject({ size: RECORDS + 5 });
    expect(await verify(last)).toMatchObject({
      message: expect.stringContaining('The first 13 records are not those of an earlier check') as string,
    });
  });
});

/** Takes a copy of the closed database: on SQLite its file, on PostgreSQL the rows of the log. */
async function copyOf({ database }: TemporaryAudit): Promise<() => Promise<void>> {
  if (database.engine === 'sqlite') {
    const [file, copy] = ['test.db', 'copy.db'].map((name) => join(database.directory, name));
    await database.run('pragma wal_checkpoint(truncate)');
    await copyFile(file!, copy!);
    return async () => copyFile(copy!, file!);
  }
  const tables = ['audit_records', 'audit_index', 'audit_payloads', 'audit_checkpoints', 'audit_nodes'];
  await database.run(tables.map((table) => `create table old_${table} as table ${table}`).join(';'));
  return async () =>
    database.run(tables.map((table) => `delete from ${table}; insert into ${table} table old_${table}`).join(';'));
}

function dense<T extends { readonly idx: number }>(rows: readonly T[]): T[] {
  return rows.map((row, idx) => ({ ...row, idx }));
}

function oneBit(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const at = random.below(bytes.length);
  changed[at] = changed[at]! ^ (1 << random.below(8));
  return changed;
}

/** The last bit of one letter, so that the text stays one that every database takes. */
function oneLetter(text: string, random: Random): string {
  const at = random.below(text.length);
  const code = text.charCodeAt(at);
  return text.slice(0, at) + String.fromCharCode(code < 0x20 || code > 0x7e ? 0x21 : code ^ 1) + text.slice(at + 1);
}

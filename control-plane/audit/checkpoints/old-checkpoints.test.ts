import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyConsistency } from '#shared/audit-log/merkle-proof.js';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import { Logger } from '../../observability/logger.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent } from '../testing/records.js';
import { LogProofs } from '../tree/log-proofs.service.js';
import { dropOldCheckpoints, notLastOfTheirDay } from './old-checkpoints.js';
import { filePlace } from './places/file-place.js';
import { Publisher } from './publisher.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const NOW = Date.UTC(2026, 10, 24, 12);

const kept = (size: number, time: string) => ({ size, made_at: Date.parse(time) });

test('of a day the last stays, by UTC; the first that is given always does', () => {
  const found = [
    kept(7, '2026-11-24T00:00:00Z'),
    kept(6, '2026-11-23T23:59:59Z'),
    kept(5, '2026-11-23T12:00:00Z'),
    kept(4, '2026-11-23T00:00:00Z'),
    kept(3, '2026-11-20T00:00:01Z'),
    kept(2, '2026-11-20T00:00:00Z'),
  ];
  expect(notLastOfTheirDay(found)).toEqual([5, 4, 2]);
  expect(notLastOfTheirDay([])).toEqual([]);
});

const fromTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** One that was made so many minutes ago, the larger the later. */
const row = (sink: string, size: number, minutesAgo: number, published = true) => ({
  sink,
  size,
  note: `note ${size}\n`,
  made_at: NOW - minutesAgo * MINUTE,
  published_at: published ? NOW : null,
});

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

  async function put(rows: readonly ReturnType<typeof row>[]): Promise<void> {
    for (let start = 0; start < rows.length; start += 500) {
      await audit.storage.db
        .insertInto('audit_published')
        .values(rows.slice(start, start + 500))
        .execute();
    }
  }

  const sizesAt = async (sink: string): Promise<number[]> => {
    const query = audit.storage.db.selectFrom('audit_published').select('size').where('sink', '=', sink);
    return (await query.orderBy('size').execute()).map(({ size }) => size);
  };

  test('the newest 1,000 of a place stay, and one a day; what waits, and what another place has, is left alone', async () => {
    // From 23 November 16:00 on one a minute; from 19 November 12:00 to 22 November 06:00 one each six hours, of which the third waits.
    const recent = Array.from({ length: 1_200 }, (_, at) => row('vault', 100 + at, 1_200 - at));
    const older = Array.from({ length: 12 }, (_, at) => row('vault', at + 1, 5 * 1_440 - at * 360, at !== 2));
    await put([...older, ...recent, ...older.map((one) => Object.assign({}, one, { sink: 'other' }))]);
    for (let round = 0; round < 2; round += 1) {
      await dropOldCheckpoints(audit.storage.db, 'vault');
      expect(await sizesAt('vault')).toEqual([2, 3, 6, 10, 12, ...fromTo(300, 1_299)]);
    }
    expect(await sizesAt('other')).toHaveLength(12);
  });

  test('a backlog of any length is dropped in rounds', async () => {
    await put(Array.from({ length: 3_000 }, (_, at) => row('vault', at + 1, 3_000 - at)));
    for (let round = 0; round < 10; round += 1) await dropOldCheckpoints(audit.storage.db, 'vault');
    // The first is of 22 November 10:00, and 840 of 23:59.
    expect(await sizesAt('vault')).toEqual([840, ...fromTo(2_001, 3_000)]);
  });

  test('publishing drops them, and the log is still verified from a checkpoint that is gone here', async () => {
    await Promise.all(Array.from({ length: 5 }, () => audit.service.write(intent())));
    const held = audit.records.checkpoint;
    const file = join(temporary.database.directory, 'checkpoints.ndjson');
    const logger = new Logger('error', new PassThrough().resume());
    const every = { seconds: 60, records: 1_000 };
    const parts = { db: audit.storage.db, records: audit.records, logger, every };
    const publisher = new Publisher(filePlace('vault', file), parts);
    await publisher.go(NOW - 3 * DAY, new AbortController().signal);
    expect(await sizesAt('vault')).toEqual([5]);
    await Promise.all(Array.from({ length: 1_200 }, () => audit.service.write(intent())));
    await put([
      row('vault', 6, 3 * 1_440 - 1),
      ...Array.from({ length: 1_100 }, (_, at) => row('vault', 7 + at, 1_100 - at)),
    ]);
    await publisher.go(NOW, new AbortController().signal);
    expect(await sizesAt('vault')).toEqual([6, ...fromTo(108, 1_106), 1_205]);
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(2);

    const proofs = new LogProofs(audit.records, audit.storage);
    const { proof, checkpoint, verifierKey } = await proofs.consistency(5, undefined);
    const [then, now] = [held, checkpoint].map((note) => openCheckpoint(note, verifierKey)!);
    expect([then!.size, now!.size]).toEqual([5, 1_205]);
    expect(
      verifyConsistency(
        then!,
        now!,
        proof.map((hash) => Buffer.from(hash, 'base64')),
      ),
    ).toBe(true);
  });
});

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TemporaryAudit } from '../testing/open-audit.js';
import { intent } from '../testing/records.js';
import { recordedAt, retentionOf } from './testing/past.js';

const MARCH = Date.UTC(2026, 2, 15);
const MAY = Date.UTC(2026, 4, 1);
const RECORDS = 2_000;
const KEPT = { calls: 'forever', lists: '30d', identity: 'forever', administration: 'forever' };

test('on SQLite an expiry goes in steps between calls, and the file gets smaller', async () => {
  await using temporary = await TemporaryAudit.create('sqlite');
  await using audit = await temporary.open();
  for (let done = 0; done < RECORDS; done += 500) {
    await recordedAt(
      audit,
      Array.from({ length: 500 }, (_, at) => MARCH + done + at),
      ['list'],
    );
  }
  const before = await sizeOf(temporary);
  const { service } = retentionOf(temporary, audit, { retention: KEPT });
  const over = new AbortController();
  const sweeping = service.sweep(MAY).then(() => over.abort());
  let written = 0;
  while (!over.signal.aborted) {
    await audit.service.write(intent());
    if (!over.signal.aborted) written += 1;
  }
  await sweeping;
  // One step is a hundred rows: there are 20 for the payloads and as many for the index.
  expect(written).toBeGreaterThan(20);
  const [left] = await temporary.database.query<{ n: number }>(
    `select count(*) as n from audit_payloads where kind = 'lists'`,
  );
  expect(left).toEqual({ n: 0 });
  const [free] = await temporary.database.query<{ freelist_count: number }>('pragma freelist_count');
  expect(free?.freelist_count).toBeLessThan(100);
  expect(await sizeOf(temporary)).toBeLessThan(before);
});

async function sizeOf({ database }: TemporaryAudit): Promise<number> {
  await database.run('pragma wal_checkpoint(truncate)');
  return statSync(join(database.directory, 'test.db')).size;
}

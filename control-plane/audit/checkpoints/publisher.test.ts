import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import { Receiver } from '../../messaging/testing/receiver.js';
import { Logger } from '../../observability/logger.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent } from '../testing/records.js';
import type { Place } from './place.js';
import { filePlace } from './places/file-place.js';
import { Publisher } from './publisher.js';
import { waitingAt } from './waiting-checkpoints.js';

const NEVER = new AbortController().signal;
const START = 1_800_000_000_000;

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  let file: string;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
    file = join(temporary.database.directory, 'out', 'checkpoints.ndjson');
    await mkdir(join(file, '..'));
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  function publisherTo(place: Place): Publisher {
    const logger = new Logger('error', new PassThrough().resume());
    const every = { seconds: 60, records: 5 };
    return new Publisher(place, { db: audit.storage.db, records: audit.records, logger, every });
  }

  async function published(): Promise<{ time: string; size: number; checkpoint: string; verifierKey: string }[]> {
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as Awaited<ReturnType<typeof published>>[number]);
  }

  async function write(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) await audit.service.write(intent());
  }

  test('a checkpoint leaves when there is none yet, after so many records or so much time, and never twice', async () => {
    const publisher = publisherTo(filePlace('vault', file));
    await publisher.go(START, NEVER);
    await write(2);
    await publisher.go(START, NEVER);
    await write(1);
    await publisher.go(START + 1_000, NEVER);
    await write(4);
    await publisher.go(START + 2_000, NEVER);
    await write(1);
    await publisher.go(START + 61_000, NEVER);
    await publisher.go(START + 63_000, NEVER);
    await publisher.go(START + 600_000, NEVER);
    const found = await published();
    expect(found.map(({ time, size }) => [time, size])).toEqual([
      [new Date(START).toISOString(), 2],
      [new Date(START + 2_000).toISOString(), 7],
      [new Date(START + 63_000).toISOString(), 8],
    ]);
    const { verifierKey } = audit.records.signer;
    for (const { size, checkpoint, verifierKey: key } of found) {
      expect([key, openCheckpoint(checkpoint, key)?.size]).toEqual([verifierKey, size]);
    }
  });

  test('what a place did not take waits, in order, and goes when it can be reached again', async () => {
    const publisher = publisherTo(filePlace('vault', file));
    await rm(join(file, '..'), { recursive: true });
    await write(1);
    await publisher.go(START, NEVER);
    expect(publisher.failure).toBe('its file cannot be written (ENOENT)');
    await write(5);
    // It rests after a failure, and the next checkpoint is made all the same.
    await publisher.go(START + 10, NEVER);
    expect(await waitingAt(audit.storage.db, 'vault')).toEqual({ count: 2, since: START });
    await mkdir(join(file, '..'));
    await publisher.go(START + 60_000, NEVER);
    expect((await published()).map(({ size }) => size)).toEqual([1, 6]);
    expect(await waitingAt(audit.storage.db, 'vault')).toEqual({ count: 0, since: undefined });
    expect(publisher.failure).toBeUndefined();
  });

  test('what was taken and could not be noted comes again; another control plane goes on where one stopped', async () => {
    await write(1);
    await temporary.database.breakWrites('update', 'audit_published');
    await publisherTo(filePlace('vault', file)).go(START, NEVER);
    await temporary.database.mendWrites('audit_published');
    await write(5);
    await publisherTo(filePlace('vault', file)).go(START + 60_000, NEVER);
    expect((await published()).map(({ size }) => size)).toEqual([1, 1, 6]);
  });

  test('each place has checkpoints of its own, and what our key did not sign never leaves', async () => {
    await using receiver = await Receiver.start();
    await write(1);
    await publisherTo(filePlace('vault', file)).go(START, NEVER);
    const { note } = await audit.storage.db.selectFrom('audit_checkpoints').selectAll().executeTakeFirstOrThrow();
    await temporary.tamper(`update audit_checkpoints set size = 9`);
    const other: Place = { name: 'other', publish: async () => void (await fetch(receiver.url)) };
    const publisher = publisherTo(other);
    await publisher.go(START, NEVER);
    expect(publisher.failure).toBe('the stored checkpoint is not one that the log’s key has signed');
    expect(receiver.received).toEqual([]);
    await temporary.tamper(`update audit_checkpoints set size = 1`);
    await publisher.go(START + 60_000, NEVER);
    expect(receiver.received).toHaveLength(1);
    expect((await published()).map(({ checkpoint }) => checkpoint)).toEqual([note]);
  });
});

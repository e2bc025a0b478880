import { mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Logger } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { SubjectKeys } from '../subject-keys.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent, outcome } from '../testing/records.js';
import { advance, exportPosition } from './export-positions.js';
import type { ExportedRecord } from './exported-record.js';
import { Exporter } from './exporter.js';
import { fileSink } from './sinks/file-sink.js';
import { DeliveryFailure } from '../delivery/delivery-failure.js';
import type { Sink } from './sink.js';

const eventually = { timeout: 20_000, interval: 20 };

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  let path: string;
  let leads: boolean;

  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
    path = join(temporary.database.directory, 'audit.ndjson');
    leads = true;
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  const exporter = (sink: Sink): Exporter => {
    const { storage } = audit;
    const logger = new Logger('error', new PassThrough().resume());
    const parts = { db: storage.db, keys: new SubjectKeys(storage), logger, metrics: new Metrics() };
    return new Exporter(sink, { ...parts, leads: () => leads });
  };
  const file = (most = 500): Sink => ({ ...fileSink({ name: 'file', path, format: 'ndjson' }), most });
  const lines = async (): Promise<ExportedRecord[]> =>
    (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ExportedRecord);
  const position = async () => exportPosition(audit.storage.db, 'file', 1_000);
  const arrived = async (count: number) =>
    vi.waitFor(async () => expect(await position()).toMatchObject({ next: count }), eventually);

  test('the log arrives whole and in order, and goes on after a restart where it was left', async () => {
    const { id } = await audit.service.write(intent());
    await audit.service.write(outcome(id));
    const first = exporter(file(1));
    first.start();
    await arrived(2);
    await first.stop();
    await audit.service.write(intent({ person: 'usr_bob' }, { email: 'bob@acme.example' }));
    const second = exporter(file());
    second.start();
    await arrived(3);
    await second.stop();
    expect(
      (await lines()).map(({ idx, header, personal, payload }) => [
        idx,
        header.phase,
        header.ref === id,
        personal.email,
        payload,
      ]),
    ).toEqual([
      [0, 'intent', false, 'alice@acme.example', 'shown'],
      [1, 'outcome', true, undefined, 'shown'],
      [2, 'intent', false, 'bob@acme.example', 'shown'],
    ]);
  });

  test('what a sink does not take comes again, and its row says since when and why', async () => {
    await mkdir(path);
    await audit.service.write(intent());
    const running = exporter(file());
    running.start();
    await vi.waitFor(async () => {
      expect(await position()).toEqual({
        next: 0,
        failingSince: expect.any(Number),
        failure: 'its file cannot be written (EISDIR)',
      });
    }, eventually);
    await rmdir(path);
    await arrived(1);
    await running.stop();
    expect(await position()).toEqual({ next: 1, failingSince: null, failure: null });
    expect(await lines()).toHaveLength(1);
  });

  test('a batch that is too large goes in smaller ones', async () => {
    await Promise.all(Array.from({ length: 7 }, async () => audit.service.write(intent())));
    const batches: number[][] = [];
    const sink: Sink = {
      name: 'file',
      most: 7,
      send: async (records) => {
        batches.push(records.map(({ idx }) => idx));
        if (records.length > 2) throw new DeliveryFailure('too large', { isTooLarge: true });
      },
    };
    const running = exporter(sink);
    running.start();
    await arrived(7);
    await running.stop();
    expect(batches.slice(0, 3)).toEqual([[0, 1, 2, 3, 4, 5, 6], [0, 1, 2], [0]]);
    expect(batches.filter(({ length }) => length <= 2).flat()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await position()).toMatchObject({ failure: null });
  });

  test('one record that is too large stops the export there, and its row says why', async () => {
    await audit.service.write(intent());
    const sink: Sink = {
      name: 'file',
      most: 7,
      send: async () => Promise.reject(new DeliveryFailure('too large', { isTooLarge: true })),
    };
    const running = exporter(sink);
    running.start();
    await vi.waitFor(async () => expect(await position()).toMatchObject({ next: 0, failure: 'too large' }), eventually);
    await running.stop();
  });

  test('a batch that failed comes again as it was, though there are more by then', async () => {
    await audit.service.write(intent());
    const batches: number[][] = [];
    const sink: Sink = {
      name: 'file',
      most: 7,
      send: async (records) => {
        batches.push(records.map(({ idx }) => idx));
        if (batches.length > 1) return;
        await audit.service.write(intent());
        throw new DeliveryFailure('away', { retryAfterMs: 1 });
      },
    };
    const running = exporter(sink);
    running.start();
    await arrived(2);
    await running.stop();
    expect(batches).toEqual([[0], [0], [1]]);
  });

  test('records may wait for others to fill a batch, and for no longer', async () => {
    const batches: number[][] = [];
    const sink = (gathersMs: number): Sink => ({
      name: 'file',
      most: 2,
      gathersMs,
      send: async (records) => void batches.push(records.map(({ idx }) => idx)),
    });
    for (let index = 0; index < 3; index += 1) await audit.service.write(intent());
    const patient = exporter(sink(600_000));
    patient.start();
    await arrived(2);
    await patient.stop();
    expect(batches).toEqual([[0, 1]]);
    const quick = exporter(sink(1));
    quick.start();
    await arrived(3);
    await quick.stop();
    expect(batches).toEqual([[0, 1], [2]]);
  });

  test('whoever does not lead sends nothing', async () => {
    leads = false;
    await audit.service.write(intent());
    const sent: number[] = [];
    const sink: Sink = {
      name: 'file',
      most: 10,
      send: async (records) => void sent.push(...records.map(({ idx }) => idx)),
    };
    const other = exporter(sink);
    other.start();
    await other.stop();
    expect(sent).toEqual([]);
  });

  test('a position never goes back: of two that sent the same batch, the second finds it done', async () => {
    const { db } = audit.storage;
    expect((await position()).next).toBe(0);
    expect(await advance(db, 'file', { from: 0, to: 5, now: 1 })).toBe(true);
    expect(await advance(db, 'file', { from: 0, to: 3, now: 1 })).toBe(false);
    expect((await position()).next).toBe(5);
  });

  test('an erased person is exported without what is personal', async () => {
    await audit.service.write(intent());
    await audit.service.erase(['usr_alice']);
    const running = exporter(file());
    running.start();
    await arrived(1);
    await running.stop();
    expect(await lines()).toMatchObject([{ idx: 0, personal: {}, payload: 'erased' }]);
    await rm(path);
  });

  test('a record that is gone stops the export there, rather than being passed over', async () => {
    await audit.service.write(intent());
    await audit.service.write(intent());
    await temporary.tamper('delete from audit_records where idx = 0');
    const running = exporter(file());
    running.start();
    await vi.waitFor(
      async () =>
        expect(await position()).toMatchObject({
          next: 0,
          failure: 'record 0 of the audit log is missing or damaged: run `mcp-sso audit verify`',
        }),
      eventually,
    );
    await running.stop();
  });
});

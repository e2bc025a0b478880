import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { exportPosition } from '../../control-plane/audit/export/export-positions.js';
import { Exporter } from '../../control-plane/audit/export/exporter.js';
import { sinksOf } from '../../control-plane/audit/export/sinks.js';
import { HEC_TOKEN, ScriptedHec } from '../../control-plane/audit/export/testing/scripted-hec.js';
import { draftRecord } from '../../control-plane/audit/draft-record.js';
import { SubjectKeys } from '../../control-plane/audit/subject-keys.js';
import { TemporaryAudit, type OpenAudit } from '../../control-plane/audit/testing/open-audit.js';
import { intent } from '../../control-plane/audit/testing/records.js';
import { settingsSchema } from '../../control-plane/config/settings.js';
import { Logger } from '../../control-plane/observability/logger.js';
import { Metrics } from '../../control-plane/observability/metrics.js';

const BACKLOG = 100_000;
const BATCH = 1_000;
const eventually = { timeout: 9 * 60_000, interval: 50 };

/** The audit, and what brings it to Splunk: `close` and `start` again are a restart of the control plane. */
async function start(temporary: TemporaryAudit, url: string): Promise<{ audit: OpenAudit; exporter: Exporter }> {
  const audit = await temporary.open();
  const settings = settingsSchema.parse({
    ...temporary.config.settings,
    audit: { export: { splunk: { kind: 'splunk-hec', url, token: 'env:TOKEN' } } },
  });
  const [sink] = sinksOf({ settings, directory: temporary.config.directory, environment: { TOKEN: HEC_TOKEN } });
  const { storage } = audit;
  const logger = new Logger('error', new PassThrough().resume());
  const parts = { db: storage.db, keys: new SubjectKeys(storage), logger, metrics: new Metrics(), leads: () => true };
  const exporter = new Exporter(sink!, parts);
  exporter.start();
  return { audit, exporter };
}

async function stop({ audit, exporter }: { audit: OpenAudit; exporter: Exporter }): Promise<void> {
  await exporter.stop();
  await audit.close();
}

/** `count` records at once, by the path that each record takes. */
async function pileUp({ records }: OpenAudit, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const drafts = Array.from({ length: BATCH }, () => draftRecord(intent(), Date.now()));
    await records.append(drafts);
    ids.push(...drafts.map(({ header }) => header.id));
  }
  return ids;
}

test(
  'a collector that is away while 100,000 records pile up gets each of them, in order, and repetitions by their id',
  async () => {
    await using hec = await ScriptedHec.start();
    await using temporary = await TemporaryAudit.create('sqlite');
    const written: string[] = [];
    const met = async (manner: keyof typeof hec.met): Promise<void> => {
      hec.manner = manner;
      const before = hec.met[manner];
      await vi.waitFor(() => expect(hec.met[manner]).toBeGreaterThan(before), eventually);
    };

    hec.manner = 'hang';
    let running = await start(temporary, hec.url);
    // The collector has the request of the first and never answers; those that follow are durable all the same.
    written.push((await running.audit.service.write(intent())).id);
    await vi.waitFor(() => expect(hec.met.hang).toBe(1), eventually);
    written.push((await running.audit.service.write(intent())).id, ...(await pileUp(running.audit, BACKLOG / 2)));
    expect((await exportPosition(running.audit.storage.db, 'splunk', 0)).next).toBe(0);
    await stop(running);

    hec.manner = 'refuse';
    running = await start(temporary, hec.url);
    written.push(...(await pileUp(running.audit, BACKLOG / 2)));
    await met('refuse');
    await met('busy');
    // It has the batch, and was gone before it said so.
    await met('die');
    expect((await exportPosition(running.audit.storage.db, 'splunk', 0)).next).toBe(0);
    hec.manner = 'take';
    await vi.waitFor(() => expect(hec.taken.length).toBeGreaterThan(BACKLOG / 4), eventually);
    await met('die');
    await stop(running);

    hec.manner = 'take';
    running = await start(temporary, hec.url);
    await vi.waitFor(async () => {
      const { next } = await exportPosition(running.audit.storage.db, 'splunk', 0);
      expect(next).toBe(written.length);
    }, eventually);
    await stop(running);

    const arrived = hec.taken.map(({ fields }) => fields.record_id);
    expect(written).toHaveLength(BACKLOG + 2);
    expect([...new Set(arrived)]).toEqual(written);
    expect(arrived.length).toBeGreaterThan(written.length);
    // A repetition is the same in all but the time of its arrival.
    const texts = new Set(hec.taken.map((event) => JSON.stringify(event)));
    expect(texts.size).toBe(written.length);
  },
  20 * 60_000,
);

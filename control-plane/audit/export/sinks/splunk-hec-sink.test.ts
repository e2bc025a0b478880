import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExportedRecord } from '../exported-record.js';
import type { Sink } from '../sink.js';
import { configuredSink, listRecord } from '../testing/configured-sink.js';
import { HEC_TOKEN, ScriptedHec } from '../testing/scripted-hec.js';

const WAIT = AbortSignal.timeout(60_000);

const record = (idx: number): ExportedRecord => listRecord(idx, { result: '{"secret":1}' });

let hec: ScriptedHec;
beforeEach(async () => {
  hec = await ScriptedHec.start();
});
afterEach(async () => hec[Symbol.asyncDispose]());

function sink(more: object = {}, environment: Record<string, string> = { TOKEN: HEC_TOKEN }): Sink {
  return configuredSink({ kind: 'splunk-hec', url: hec.url, token: 'env:TOKEN', ...more }, environment);
}

test('one event a record, in order, with its id and index as fields', async () => {
  await sink({ index: 'audit', format: 'ndjson' }).send([record(7), record(8)], WAIT);
  const expected = (idx: number): object => ({
    host: 'mcp.acme.example',
    source: 'mcp-sso',
    sourcetype: 'mcp-sso:audit:ndjson',
    index: 'audit',
    time: 1_800_000_000.123,
    event: { ...record(idx), personal: { email: 'alice@acme.example' } },
    fields: { record_id: record(idx).header.id, record_index: idx },
  });
  expect(hec.taken).toEqual([expected(7), expected(8)]);
});

test('events of OCSF, compressed, and what calls gave where the settings say so', async () => {
  await sink({ gzip: true, captured: true }).send([record(7)], WAIT);
  expect(hec.taken).toMatchObject([
    { sourcetype: 'mcp-sso:audit:ocsf', event: { class_uid: 6003, api: { response: { data: { secret: 1 } } } } },
  ]);
  expect(hec.taken[0]).not.toHaveProperty('index');
});

test('says why, and when to come again', async () => {
  expect(await failure(sink({}, { TOKEN: 'other' }))).toMatchObject({
    message: 'it answered with status 403: its key may not write there',
    retryAfterMs: 60_000,
  });
  hec.manner = 'busy';
  expect(await failure(sink())).toMatchObject({ message: 'it answered with status 503', retryAfterMs: 1_000 });
  expect(await failure(sink({}, {}))).toMatchObject({ message: 'its secret cannot be read' });
});

test('a probe sends no event, and knows whether the token is accepted', async () => {
  await sink().probe?.(WAIT);
  await expect(sink({}, { TOKEN: 'other' }).probe?.(WAIT)).rejects.toThrow(
    'it answered with status 403: its key may not write there',
  );
  expect(hec.taken).toEqual([]);
});

async function failure(of: Sink): Promise<unknown> {
  return of.send([record(7)], WAIT).catch((error: unknown) => error);
}

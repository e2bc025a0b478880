import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settingsSchema, type LoadedConfig } from '../../config/settings.js';
import { Logger } from '../logger.js';
import type { SpanData } from '../requests/request-spans.js';
import { spanExportOf } from '../telemetry.service.js';
import { OtlpCollector } from '../testing/otlp-collector.js';
import type { SpanExport } from './span-export.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const eventually = { timeout: 20_000, interval: 20 };

let collector: OtlpCollector;
let log: PassThrough;
beforeEach(async () => {
  collector = await OtlpCollector.listen();
  log = new PassThrough();
});
afterEach(() => collector[Symbol.asyncDispose]());

function exporting(traces: object): Promise<SpanExport> {
  const telemetry = { traces: { endpoint: collector.url, ...traces } };
  const identity = { providers: {} };
  const settings = settingsSchema.parse({ publicUrl: 'https://mcp.acme.example', identity, servers: {}, telemetry });
  const config: LoadedConfig = {
    directory: '/',
    settings,
    policyFiles: [],
    masterKey: Buffer.alloc(32),
    environment: {},
  };
  return spanExportOf(config, new Logger('info', log));
}

function span(name: string, more: Partial<SpanData> = {}): SpanData {
  return {
    name,
    kind: 'server',
    traceId: TRACE,
    spanId: 'b7ad6b7169203331',
    parentSpanId: undefined,
    startedAt: 1_000.25,
    endedAt: 2_500.5,
    attributes: { 'mcp.method.name': name },
    isError: false,
    link: undefined,
    ...more,
  };
}

function events(): string[] {
  const text = String(log.read() ?? '');
  return [...text.matchAll(/"event":"([^"]+)"/g)].map(([, event = '']) => event);
}

test('a span has its times to the nanosecond, and its attributes as they are', async () => {
  const spans = await exporting({ protocol: 'http/json' });
  spans.add([span('ping', { attributes: { a: ['x', 'y'], b: 1 }, isError: true })]);
  await spans.close();
  expect(collector.spans).toMatchObject([
    {
      traceId: TRACE,
      name: 'ping',
      startTimeUnixNano: '1000250000',
      endTimeUnixNano: '2500500000',
      attributes: { a: ['x', 'y'], b: 1 },
      status: { code: 2 },
    },
  ]);
});

test('unless told otherwise it speaks protobuf, and headers are never those of the environment', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-by-accident=1');
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:9');
  const spans = await exporting({});
  vi.unstubAllEnvs();
  spans.add([span('resources/read')]);
  await spans.close();
  const [sent] = collector.received;
  expect(sent).toMatchObject({ path: '/v1/traces', headers: { 'content-type': 'application/x-protobuf' } });
  expect(sent?.headers).not.toHaveProperty('x-by-accident');
  expect(sent?.body.includes(Buffer.from(TRACE, 'hex'))).toBe(true);
  expect(sent?.body.includes('resources/read')).toBe(true);
});

test('the part of the traces that is kept is chosen by their ids', async () => {
  const none = await exporting({ ratio: 0 });
  expect(none.samples(TRACE)).toBe(false);
  const half = await exporting({ ratio: 0.5 });
  const ids = Array.from({ length: 1_000 }, (_, at) => (at * 7_919_777 + 1).toString(16).padStart(32, `${at}`));
  const kept = ids.filter((id) => half.samples(id));
  expect(kept.length).toBeGreaterThan(300);
  expect(kept.length).toBeLessThan(700);
  expect(ids.filter((id) => half.samples(id))).toEqual(kept);
});

test('while a collector hangs, what waits is bounded, nobody waits for it, and a stop ends it', async () => {
  collector.answer = 'hang';
  const spans = await exporting({ protocol: 'http/json' });
  for (let at = 0; at < 20_000; at += 1) spans.add([span('ping')]);
  await vi.waitFor(() => expect(collector.received).toHaveLength(1), eventually);
  await spans.close();
  await vi.waitFor(() => expect(events()).toEqual(['telemetry.export-failed']), eventually);
  expect(collector.spans.length).toBeLessThanOrEqual(512 + 4_096);
});

test('a collector that refuses is in the log once, and once more when it takes again', async () => {
  collector.answer = 503;
  const spans = await exporting({ protocol: 'http/json' });
  for (const round of [1, 2, 3]) {
    spans.add([span('ping')]);
    await vi.waitFor(() => expect(collector.received).toHaveLength(round), eventually);
  }
  collector.answer = 200;
  spans.add([span('ping')]);
  await spans.close();
  expect(events()).toEqual(['telemetry.export-failed', 'telemetry.export-resumed']);
});

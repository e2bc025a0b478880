import { afterEach, beforeEach, expect, test } from 'vitest';
import { Receiver } from '../../../messaging/testing/receiver.js';
import type { Sink } from '../sink.js';
import { callRecord, oneSink } from '../testing/one-sink.js';

const WAIT = AbortSignal.timeout(60_000);
const KEY = 'VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw==';
const IDS = ['0197a2b0-0000-7000-8000-000000000007', '0197a2b0-0000-7000-8000-000000000008'];

let cluster: Receiver;
beforeEach(async () => {
  cluster = await Receiver.start();
});
afterEach(async () => cluster[Symbol.asyncDispose]());

const sink = (more: object = {}): Sink => {
  const url = new URL(cluster.url).origin;
  return oneSink({ kind: 'elastic', url, apiKey: 'env:KEY', ...more }, { KEY });
};
const answers = (body: object, status = 200): void => {
  cluster.answer = (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const items = (...all: object[]): void => answers({ items: all.map((create) => ({ create })) });
const failure = async (of = sink()): Promise<unknown> =>
  of.send([callRecord(7), callRecord(8)], WAIT).catch((error: unknown) => error);

test('each record is created under its own id in the data stream', async () => {
  items({ status: 201 }, { status: 201 });
  await sink().send([callRecord(7), callRecord(8)], WAIT);
  const [request, ...others] = cluster.received;
  expect(others).toEqual([]);
  expect(request).toMatchObject({
    method: 'POST',
    path: '/logs-mcp_sso.audit-default/_bulk?filter_path=items.create.status,items.create.error.type,items.create.failure_store',
    headers: { authorization: `ApiKey ${KEY}`, 'content-type': 'application/x-ndjson' },
  });
  expect(request?.body.endsWith('\n')).toBe(true);
  const lines = request?.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect([lines?.[0], lines?.[2]]).toEqual(IDS.map((_id) => ({ create: { _id } })));
  expect(lines?.[1]).toEqual({
    '@timestamp': '2027-01-15T08:00:00.123Z',
    event: {
      kind: 'event',
      id: IDS[0],
      sequence: 7,
      action: 'tool.call',
      outcome: 'unknown',
      provider: 'mcp-sso',
    },
    user: { id: 'usr_alice', email: 'alice@acme.example' },
    source: { ip: '192.0.2.7' },
    trace: { id: '4bf92f3577b34da6a3ce929d0e0e4736' },
    span: { id: '00f067aa0ba902b7' },
    mcp_sso: callRecord(7),
  });
});

test('events of OCSF, to a data stream of another name', async () => {
  items({ status: 201 });
  await sink({ format: 'ocsf', dataStream: 'audit' }).send([callRecord(7)], WAIT);
  expect(cluster.received[0]?.path).toMatch(/^\/audit\/_bulk\?/);
  expect(JSON.parse(cluster.received[0]!.body.split('\n')[1]!)).toMatchObject({ ocsf: { class_uid: 6003 } });
});

test('a record that is there already is taken', async () => {
  items({ status: 409, error: { type: 'version_conflict_engine_exception' } }, { status: 201 });
  expect(await failure()).toBeUndefined();
});

test.each([
  [{ status: 400, error: { type: 'document_parsing_exception' } }, 'document_parsing_exception, status 400', 60_000],
  [
    { status: 429, error: { type: 'es_rejected_execution_exception' } },
    'es_rejected_execution_exception, status 429',
    undefined,
  ],
  [{ status: 201, failure_store: 'used' }, 'it lies in the failure store', 60_000],
  [{ status: 400, error: { type: 'user alice@acme.example' } }, 'status 400', 60_000],
])('a record that is not taken is never passed over: %o', async (item, why, retryAfterMs) => {
  items({ status: 201 }, item);
  expect(await failure()).toMatchObject({
    message: `the data stream logs-mcp_sso.audit-default did not take record 8 (${why})`,
    retryAfterMs,
  });
});

test.each([{}, { items: [] }, { items: [{ create: { status: 201 } }] }, { items: [{ index: { status: 201 } }] }])(
  'an answer that does not speak of each record is a failure: %o',
  async (body) => {
    answers(body);
    expect(await failure()).toMatchObject({ message: 'its answer does not say what became of each record' });
  },
);

test('a key that is refused, and one that is not there', async () => {
  answers({ error: 'security_exception' }, 401);
  expect(await failure()).toMatchObject({
    message: 'it answered with status 401: its key is not accepted',
    retryAfterMs: 60_000,
  });
  expect(await failure(sink({ apiKey: 'env:NONE' }))).toMatchObject({ message: 'its secret cannot be read' });
});

test('a probe asks whether the key may create documents, and creates none', async () => {
  answers({ has_all_requested: true });
  await sink().probe?.(WAIT);
  expect(cluster.received).toMatchObject([{ method: 'POST', path: '/_security/user/_has_privileges' }]);
  expect(JSON.parse(cluster.received[0]!.body)).toEqual({
    index: [{ names: ['logs-mcp_sso.audit-default'], privileges: ['create_doc'] }],
  });
  answers({ has_all_requested: false });
  await expect(sink().probe?.(WAIT)).rejects.toThrow(
    'its key may not create documents in the data stream logs-mcp_sso.audit-default',
  );
});

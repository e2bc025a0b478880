import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Receiver } from '../../../messaging/testing/receiver.js';
import type { Sink } from '../sink.js';
import { callRecord, oneSink } from '../testing/one-sink.js';

const WAIT = AbortSignal.timeout(60_000);
const RULE = 'dcr-0123456789abcdef0123456789abcdef';
const STREAM = 'Custom-McpSsoAudit_CL';
const TOKEN_PATH = '/7a6a72cf/oauth2/v2.0/token';
const INGEST_PATH = `/dataCollectionRules/${RULE}/streams/${STREAM}?api-version=2023-01-01`;

/** Entra and Azure Monitor at one address. */
let azure: Receiver;
/** What the next requests to Azure Monitor are answered with; 204 once they are used up. */
let statuses: number[];
let tokens: number;
beforeEach(async () => {
  azure = await Receiver.start();
  statuses = [];
  tokens = 0;
  azure.answer = (response) => {
    if (azure.received.at(-1)?.path === TOKEN_PATH) {
      tokens += 1;
      const body = { token_type: 'Bearer', expires_in: 3599, access_token: `token-${tokens}` };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    } else response.writeHead(statuses.shift() ?? 204).end();
  };
});
afterEach(async () => {
  vi.useRealTimers();
  await azure[Symbol.asyncDispose]();
});

const sink = (more: object = {}): Sink => {
  const url = new URL(azure.url).origin;
  const entra = { tenantId: '7a6a72cf', clientId: 'app', clientSecret: 'env:SECRET', authority: url };
  return oneSink(
    { kind: 'sentinel', url, ruleId: RULE, stream: STREAM, ...entra, ...more },
    { SECRET: 'a secret/of it' },
  );
};
const ingested = () => azure.received.filter(({ path }) => path === INGEST_PATH);
const rowsIn = (body: string) => JSON.parse(body) as Record<string, unknown>[];

test('rows for the stream of the rule, with a token of the app registration', async () => {
  await sink({ format: 'ndjson' }).send([callRecord(7), callRecord(8)], WAIT);
  const [asked, sent] = azure.received;
  expect(asked?.path).toBe(TOKEN_PATH);
  expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
    grant_type: 'client_credentials',
    scope: 'https://monitor.azure.com//.default',
    client_id: 'app',
    client_secret: 'a secret/of it',
  });
  expect(sent).toMatchObject({
    method: 'POST',
    path: INGEST_PATH,
    headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
  });
  expect(rowsIn(sent!.body)).toEqual(
    [7, 8].map((idx) => ({
      TimeGenerated: '2027-01-15T08:00:00.123Z',
      RecordId: callRecord(idx).header.id,
      RecordIndex: idx,
      EventType: 'tool.call',
      Phase: 'intent',
      Status: 'Allowed',
      Person: 'usr_alice',
      Email: 'alice@acme.example',
      Address: '192.0.2.7',
      Server: 'finance',
      Target: 'get_report',
      Decision: 'allow',
      Event: callRecord(idx),
      Shortened: false,
    })),
  );
});

test('a token is asked for once, until it nears its end or is refused', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const one = sink();
  await one.send([callRecord(1)], WAIT);
  await one.send([callRecord(2)], WAIT);
  expect(tokens).toBe(1);
  vi.setSystemTime(Date.now() + 3_300_000);
  await one.send([callRecord(3)], WAIT);
  expect(tokens).toBe(2);
  statuses = [401];
  await expect(one.send([callRecord(4)], WAIT)).rejects.toThrow('it answered with status 401: its key is not accepted');
  await one.send([callRecord(4)], WAIT);
  expect(ingested().map(({ headers }) => headers.authorization)).toEqual(
    [1, 1, 2, 2, 3].map((number) => `Bearer token-${number}`),
  );
});

test('no call is larger than a megabyte, and each record is in one', async () => {
  const name = 'n'.repeat(30_000);
  await sink({ format: 'ndjson' }).send(
    Array.from({ length: 70 }, (_, idx) => callRecord(idx, { personal: { name } })),
    WAIT,
  );
  const bodies = ingested().map(({ body }) => body);
  expect(bodies.length).toBeGreaterThan(1);
  expect(bodies.every((body) => Buffer.byteLength(body) <= 1_000_000)).toBe(true);
  expect(bodies.flatMap(rowsIn).map((row) => row['RecordIndex'])).toEqual(Array.from({ length: 70 }, (_, idx) => idx));
});

test('what Azure would cut off leaves without arguments and results, and says so', async () => {
  const personal = { result: JSON.stringify('r'.repeat(70_000)), arguments: '{"a":1}' };
  await sink({ format: 'ndjson', captured: true }).send([callRecord(7, { personal }), callRecord(8)], WAIT);
  expect(rowsIn(ingested()[0]!.body)).toMatchObject([
    { RecordIndex: 7, Shortened: true, Event: callRecord(7) },
    { RecordIndex: 8, Shortened: false },
  ]);
  expect(ingested()[0]!.body).not.toContain('rrrr');
});

test.each([
  [
    400,
    { error: 'unauthorized_client', error_description: 'AADSTS700016: app of tenant 7a6a72cf' },
    'Entra refused a token (unauthorized_client)',
  ],
  [400, { error: 'a text about 7a6a72cf' }, 'Entra gave no token'],
  [500, {}, 'Entra gave no token'],
])('Entra says no with %i: %o', async (status, body, message) => {
  azure.answer = (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  await expect(sink().send([callRecord(7)], WAIT)).rejects.toMatchObject({ message });
  expect(ingested()).toEqual([]);
});

test('a probe asks Entra alone', async () => {
  await sink().probe?.(WAIT);
  expect(azure.received.map(({ path }) => path)).toEqual([TOKEN_PATH]);
});

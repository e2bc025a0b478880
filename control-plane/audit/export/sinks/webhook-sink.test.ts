import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Receiver } from '../../../messaging/testing/receiver.js';
import { TlsServer } from '../../../../test/support/tls-server.js';
import type { Sink } from '../sink.js';
import { configuredSink, listRecord } from '../testing/configured-sink.js';

const WAIT = AbortSignal.timeout(60_000);
const KEY = Buffer.alloc(32, 3);
const SECRET = { HOOK: `whsec_${KEY.toString('base64')}` };

let receiver: Receiver;
beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(async () => receiver[Symbol.asyncDispose]());

function sink(more: object = {}, environment: Readonly<Record<string, string>> = SECRET): Sink {
  return configuredSink({ kind: 'webhook', url: receiver.url, secret: 'env:HOOK', ...more }, environment);
}

async function failure(of: Sink): Promise<unknown> {
  return of.send([listRecord(7)], WAIT).catch((error: unknown) => error);
}

test('one record a line, signed, and the same id when the batch comes again', async () => {
  const records = [listRecord(7), listRecord(8)];
  receiver.statuses.push(500);
  await expect(sink().send(records, WAIT)).rejects.toThrow(/^it answered with status 500$/);
  await sink().send(records, WAIT);
  const [first, second] = receiver.received;
  const id = `records_${records[0]!.header.id}_${records[1]!.header.id}`;
  expect([first?.headers['webhook-id'], second?.headers['webhook-id']]).toEqual([id, id]);
  expect([second?.method, second?.path, second?.headers['content-type']]).toEqual([
    'POST',
    '/hook',
    'application/x-ndjson',
  ]);
  expect(second?.body).toBe(`${JSON.stringify(records[0])}\n${JSON.stringify(records[1])}\n`);
  const time = String(second?.headers['webhook-timestamp']);
  const own = createHmac('sha256', KEY).update(`${id}.${time}.${second?.body}`).digest('base64');
  expect(second?.headers['webhook-signature']).toBe(`v1,${own}`);
});

test('events of OCSF, and nothing that calls gave unless the settings say so', async () => {
  const record = listRecord(7, { result: '{"secret":1}' });
  await sink().send([record], WAIT);
  await sink({ format: 'ocsf', captured: true }).send([record], WAIT);
  const [plain, ocsf] = receiver.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(plain).toEqual(listRecord(7));
  expect(ocsf).toMatchObject({
    class_uid: 6003,
    metadata: { uid: record.header.id },
    api: { response: { data: { secret: 1 } } },
  });
});

test('more than a usual receiver takes goes in several requests, each with an id of its own', async () => {
  const result = 'x'.repeat(400_000);
  const records = [1, 2, 3].map((idx) => listRecord(idx, { result }));
  await sink({ captured: true }).send(records, WAIT);
  const ids = records.map(({ header }) => header.id);
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([
    `records_${ids[0]}_${ids[1]}`,
    `records_${ids[2]}_${ids[2]}`,
  ]);
  expect(receiver.received.map(({ body }) => body).join('')).toBe(
    records.map((record) => `${JSON.stringify(record)}\n`).join(''),
  );
});

test('comes again when the receiver says, and goes nowhere else', async () => {
  receiver.answer = (response) => response.writeHead(503, { 'retry-after': '7' }).end();
  expect(await failure(sink())).toMatchObject({ message: 'it answered with status 503', retryAfterMs: 7_000 });
  receiver.answer = undefined;
  receiver.statuses.push(308);
  expect(await failure(sink())).toMatchObject({ message: 'it answered with status 308' });
  expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook']);
});

test('what is wrong with its secret or address is said without naming either', async () => {
  expect(await failure(sink({ secret: 'env:ABSENT' }))).toMatchObject({ message: 'its secret cannot be read' });
  expect(await failure(sink({}, { HOOK: 'too-short' }))).toMatchObject({
    message: 'its secret is not whsec_ with 24 to 64 bytes in base64',
  });
  const away = sink({ url: 'http://127.0.0.1:1/secret-path' });
  await expect(away.send([listRecord(7)], WAIT)).rejects.toThrow(/^it was not reached \(E[A-Z]+\)$/);
  expect(receiver.received).toEqual([]);
});

test('an authority of the company vouches for its receiver, and nobody else does', async () => {
  await using server = await TlsServer.start();
  server.answer = (request, response) => void request.resume().on('end', () => response.writeHead(204).end());
  await sink({ url: server.origin, ca: 'env:CA' }, { ...SECRET, CA: server.ca }).send([listRecord(7)], WAIT);
  expect(server.requests).toBe(1);
  expect(await failure(sink({ url: server.origin }))).toMatchObject({
    message: expect.stringMatching(/^it was not reached \([A-Z_]+\)$/) as string,
  });
  expect(server.requests).toBe(1);
});

import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Receiver } from '../../../messaging/testing/receiver.js';
import { signatureV4 } from '../../delivery/testing/signature-v4.js';
import type { Sink } from '../sink.js';
import { configuredSink, listRecord } from '../testing/configured-sink.js';

const WAIT = AbortSignal.timeout(60_000);
const REGION = 'eu-central-1';
const ENVIRONMENT = { KEY_ID: 'AKIDEXAMPLE', KEY: 'wJalrXUtnFEMI' };

let receiver: Receiver;
let endpoint: string;
beforeEach(async () => {
  receiver = await Receiver.start();
  endpoint = new URL(receiver.url).origin;
});
afterEach(async () => receiver[Symbol.asyncDispose]());

function sink(more: object = {}): Sink {
  const keys = { accessKeyId: 'env:KEY_ID', secretAccessKey: 'env:KEY' };
  const settings = { kind: 'object-storage', endpoint, region: REGION, bucket: 'acme-audit', ...keys, ...more };
  return configuredSink(settings, ENVIRONMENT);
}

test('one object a batch, whose name tells its day and records; the same batch replaces itself', async () => {
  const records = [listRecord(7), listRecord(8)];
  await sink().send(records, WAIT);
  await sink().send(records, WAIT);
  const [put, again] = receiver.received;
  expect([put?.method, put?.path]).toEqual([
    'PUT',
    '/acme-audit/mcp-sso/audit/2027/01/15/0000000000000007-0000000000000008.ndjson',
  ]);
  expect(put?.body).toBe(`${JSON.stringify(records[0])}\n${JSON.stringify(records[1])}\n`);
  expect([again?.path, again?.body]).toEqual([put?.path, put?.body]);
  expect(put?.headers['content-type']).toBe('application/x-ndjson');
  expect(put?.headers['x-amz-checksum-sha256']).toBe(createHash('sha256').update(put!.body).digest('base64'));
  expect(put?.headers).not.toHaveProperty('x-amz-object-lock-mode');
  const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' };
  expect(put?.headers.authorization).toBe(signatureV4(put!, { endpoint, region: REGION, ...key }));
});

test('a lock is asked for, and signed', async () => {
  await sink({ lock: { mode: 'compliance', days: 365 }, prefix: 'a b/' }).send([listRecord(7)], WAIT);
  const [put] = receiver.received;
  expect(put?.path).toBe('/acme-audit/a%20b/2027/01/15/0000000000000007-0000000000000007.ndjson');
  const { authorization, ...headers } = put!.headers;
  expect(headers['x-amz-object-lock-mode']).toBe('COMPLIANCE');
  const until = Date.parse(String(headers['x-amz-object-lock-retain-until-date']));
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
    .exec(String(headers['x-amz-date']))!
    .map(Number);
  const signedAt = Date.UTC(year!, month! - 1, day, hour, minute, second);
  expect(Math.abs(until - signedAt - 365 * 86_400_000)).toBeLessThan(60_000);
  expect(/SignedHeaders=([^,]+)/.exec(authorization!)?.[1]?.split(';')).toEqual([
    'host',
    'x-amz-checksum-sha256',
    'x-amz-content-sha256',
    'x-amz-date',
    'x-amz-object-lock-mode',
    'x-amz-object-lock-retain-until-date',
  ]);
});

test('a large batch is several objects, each named by its own records', async () => {
  const result = 'x'.repeat(3_000_000);
  await sink({ captured: true }).send(
    [1, 2, 3].map((idx) => listRecord(idx, { result })),
    WAIT,
  );
  expect(receiver.received.map(({ path }) => path.slice(-40))).toEqual([
    '0000000000000001-0000000000000002.ndjson',
    '0000000000000003-0000000000000003.ndjson',
  ]);
});

test('says why a bucket does not take it', async () => {
  receiver.statuses.push(403);
  await expect(sink().send([listRecord(7)], WAIT)).rejects.toThrow(
    /^it answered with status 403: its key may not write there$/,
  );
  const unread = sink({ accessKeyId: 'env:ABSENT' });
  await expect(unread.send([listRecord(7)], WAIT)).rejects.toThrow(/^its secret cannot be read$/);
});

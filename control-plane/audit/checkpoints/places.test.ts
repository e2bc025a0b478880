import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { settingsSchema } from '../../config/settings.js';
import { Receiver } from '../../messaging/testing/receiver.js';
import { signatureV4 } from '../delivery/testing/signature-v4.js';
import type { Place } from './place.js';
import { placesOf } from './places.js';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const ENVIRONMENT = { HOOK: SECRET, KEY_ID: 'AKIDEXAMPLE', KEY: 'wJalrXUtnFEMI' };
const CHECKPOINT = {
  madeAt: 1_800_000_000_000,
  size: 42,
  note: 'acme/audit\n42\nx\n\n— acme y\n',
  verifierKey: 'acme+1+z',
};
const WAIT = AbortSignal.timeout(60_000);

function placeAt(to: object, environment: Record<string, string> = ENVIRONMENT): Place {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: { providers: { okta: { issuer: 'https://acme.okta.example', clientId: 'c', clientSecret: 'env:S' } } },
    servers: {},
    audit: { checkpoints: { to: { away: to } } },
  });
  return placesOf({ settings, directory: '/nowhere', environment })[0]!;
}

test('a webhook is signed, and has the same id each time', async () => {
  await using receiver = await Receiver.start();
  receiver.statuses.push(500);
  const place = placeAt({ kind: 'webhook', url: receiver.url, secret: 'env:HOOK' });
  await expect(place.publish(CHECKPOINT, WAIT)).rejects.toThrow(/^it answered with status 500$/);
  await place.publish(CHECKPOINT, WAIT);
  const [first, second] = receiver.received;
  expect(second?.headers['webhook-id']).toBe('checkpoint_42');
  expect(first?.headers['webhook-id']).toBe('checkpoint_42');
  expect(JSON.parse(second!.body)).toEqual({
    type: 'audit.checkpoint',
    timestamp: '2027-01-15T08:00:00.000Z',
    data: { time: '2027-01-15T08:00:00.000Z', size: 42, checkpoint: CHECKPOINT.note, verifierKey: 'acme+1+z' },
  });
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = second!.headers;
  const own = createHmac('sha256', Buffer.alloc(32, 3)).update(`${String(id)}.${String(time)}.${second!.body}`);
  expect(signature).toBe(`v1,${own.digest('base64')}`);
});

test('an object holds the signed note, under a name that sorts, with a signature that S3 takes', async () => {
  await using receiver = await Receiver.start();
  const endpoint = new URL(receiver.url).origin;
  const keys = { accessKeyId: 'env:KEY_ID', secretAccessKey: 'env:KEY' };
  const place = placeAt({ kind: 'object-storage', endpoint, region: 'eu-central-1', bucket: 'worm', ...keys });
  await place.publish(CHECKPOINT, WAIT);
  const [put] = receiver.received;
  expect([put?.method, put?.path, put?.body]).toEqual([
    'PUT',
    '/worm/mcp-sso/checkpoints/0000000000000042.txt',
    CHECKPOINT.note,
  ]);
  expect(put?.headers['x-amz-content-sha256']).toBe(createHash('sha256').update(CHECKPOINT.note).digest('hex'));
  expect(put?.headers.authorization).toBe(
    signatureV4(put!, {
      endpoint,
      region: 'eu-central-1',
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI',
    }),
  );
});

test('a secret that cannot be read, and an address that is not reached, are said without naming either', async () => {
  const url = 'http://127.0.0.1:1/secret-path';
  const hook = { kind: 'webhook', url, secret: 'env:HOOK' };
  await expect(placeAt(hook, {}).publish(CHECKPOINT, WAIT)).rejects.toThrow(/^its secret cannot be read$/);
  await expect(placeAt(hook, { HOOK: 'x' }).publish(CHECKPOINT, WAIT)).rejects.toThrow(/^its secret is not whsec_/);
  await expect(placeAt(hook).publish(CHECKPOINT, WAIT)).rejects.toThrow(/^it was not reached \(E[A-Z]+\)$/);
});

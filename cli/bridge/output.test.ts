import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Output } from './output.js';

const MEBIBYTE = 1024 * 1024;

async function isPending(promise: Promise<void>): Promise<boolean> {
  let pending = true;
  void promise.finally(() => {
    pending = false;
  });
  await setImmediate();
  return pending;
}

test('a writer waits while the app does not read', async () => {
  const stream = new PassThrough();
  const sending = new Output(stream).send('x'.repeat(MEBIBYTE));
  expect(await isPending(sending)).toBe(true);
  stream.resume();
  await sending;
});

test('reading goes on while few answers wait, and stops at too many', async () => {
  const stream = new PassThrough();
  const output = new Output(stream);
  const sent = [output.send('x'.repeat(MEBIBYTE))];
  await output.room();
  sent.push(output.send('x'.repeat(8 * MEBIBYTE)));
  const room = output.room();
  expect(await isPending(room)).toBe(true);
  stream.resume();
  await Promise.all([room, ...sent]);
});

test('a writer does not wait for an app that is gone', async () => {
  const stream = new PassThrough();
  stream.on('error', () => undefined);
  const output = new Output(stream);
  const sending = output.send('x'.repeat(MEBIBYTE));
  stream.destroy(new Error('write EPIPE'));
  await sending;
  await output.send('more');
  await output.flush(60_000);
  expect(stream.writableLength).toBeLessThanOrEqual(MEBIBYTE + 1);
});

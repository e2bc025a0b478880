import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { ResultCapture } from './result-capture.js';

const newHash = () => createHmac('sha256', 'key');
const hashOf = (text: string) => newHash().update(text).digest('hex');

function capture(results: 'hash' | 'redacted' | 'full', maxBytes = 1024): ResultCapture {
  return new ResultCapture({ results, maxBytes }, newHash);
}

test('an answer in parts is kept as it left, and hashed whole', () => {
  const watch = capture('full');
  watch.write(Buffer.from('{"result":{"text":"'));
  watch.write(Buffer.from('fine"}'));
  expect(watch.end(Buffer.from('}'))).toEqual({
    result: '{"result":{"text":"fine"}}',
    resultHash: hashOf('{"result":{"text":"fine"}}'),
  });
});

test('what was said before the answer is not the answer', () => {
  const watch = capture('full');
  watch.write(Buffer.from('{"method":"notifications/message"}'));
  watch.begin();
  expect(watch.end(Buffer.from('{"result":{}}'))).toEqual({
    result: '{"result":{}}',
    resultHash: hashOf('{"result":{}}'),
  });
});

test('after its end nothing more is taken', () => {
  const watch = capture('full');
  const kept = watch.end(Buffer.from('{}'));
  watch.write(Buffer.from('{}'));
  watch.begin();
  expect(kept.result).toBe('{}');
});

test('more than the bound is hashed but not kept, and a cut character is left out', () => {
  const watch = capture('full', 1024);
  for (let part = 0; part < 1_000; part++) watch.write(Buffer.from('€'.repeat(100)));
  const { result = '', resultHash, truncated } = watch.end(Buffer.from('end'));
  expect([result, truncated, resultHash]).toEqual(['€'.repeat(341), true, hashOf(`${'€'.repeat(100_000)}end`)]);
});

test('bytes that are no text are no fault', () => {
  expect(capture('full').end(Buffer.from([0x22, 0xff, 0xfe, 0x22]))).toMatchObject({ result: '"\ufffd\ufffd"' });
});

test('at level hash there is no text; at redacted what looks like a secret is masked', () => {
  const message = '{"result":{"session_token":"abc","n":1}}';
  expect(capture('hash').end(Buffer.from(message))).toEqual({ resultHash: hashOf(message) });
  expect(capture('redacted').end(Buffer.from(message))).toEqual({
    result: '{"result":{"session_token":"[redacted]","n":1}}',
    resultHash: hashOf(message),
  });
});

test('an answer that broke off says that it is cut, and none is none', () => {
  const watch = capture('full');
  watch.write(Buffer.from('{"result":'));
  expect(watch.end()).toMatchObject({ result: '{"result":', truncated: true });
  expect(capture('full').end()).toEqual({});
});

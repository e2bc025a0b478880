import { expect, test } from 'vitest';
import { usableAnswer } from './usable-answer.js';

const kept = async (text: string): Promise<string> => (await usableAnswer(new Response(text, { status: 200 }))).text();

test.for([
  ['3600', '{"expires_in":3600}'],
  ['"3600"', '{"expires_in":3600}'],
  ['3599.9', '{"expires_in":3599}'],
  ['0.5', '{"expires_in":1}'],
  ['31536001', '{"expires_in":31536000}'],
  ['1e300', '{"expires_in":31536000}'],
  ['1e999', '{"expires_in":31536000}'],
  ['0', '{}'],
  ['-3600', '{}'],
  ['"soon"', '{}'],
  ['" "', '{}'],
  ['null', '{}'],
  ['true', '{}'],
  ['[3600]', '{}'],
] as const)('expires_in: %s', async ([said, expected]) => {
  expect(await kept(`{"expires_in":${said}}`)).toBe(expected);
});

test('what openid-client would refuse the whole answer for is left out, and nothing that has to be there', async () => {
  const strange = { access_token: '', token_type: 7, refresh_token: null, scope: ['a'], id_token: 'x' };
  expect(await kept(JSON.stringify(strange))).toBe('{"access_token":"","token_type":7}');
  expect(await kept('{"refresh_token":"r","scope":"a b"}')).toBe('{"refresh_token":"r","scope":"a b"}');
});

test('what is no object, and an error, are left as they are', async () => {
  for (const text of ['', 'null', '[1]', '<html>']) expect(await kept(text)).toBe(text);
  const refused = new Response('{"error":"invalid_grant","expires_in":-1}', { status: 400 });
  expect(await usableAnswer(refused)).toBe(refused);
});

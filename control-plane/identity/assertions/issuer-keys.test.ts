import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestIssuer } from '../testing/issuer.js';
import { issuerKeys } from './issuer-keys.js';

let issuer: TestIssuer;
beforeEach(async () => {
  issuer = await TestIssuer.start();
});
afterEach(async () => {
  vi.useRealTimers();
  await issuer[Symbol.asyncDispose]();
});

test('a rotated key is taken up after the cooldown, and no key that nobody knows is asked for before', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const keys = issuerKeys({ issuer: issuer.issuer });
  await jwtVerify(await issuer.sign({ sub: 'a' }), keys);
  await issuer.rotate();
  const rotated = await issuer.sign({ sub: 'a' });
  for (let count = 0; count < 20; count += 1) {
    await expect(jwtVerify(rotated, keys)).rejects.toBeInstanceOf(errors.JWKSNoMatchingKey);
  }
  expect(issuer.keyRequests).toBe(1);
  vi.setSystemTime(Date.now() + 31_000);
  expect((await jwtVerify(rotated, keys)).payload.sub).toBe('a');
  expect(issuer.keyRequests).toBe(2);
});

test.each([
  ['metadata of another issuer', (address: string) => ({ issuer: `${address}/` })],
  ['keys over plain http', () => ({ issuer: 'https://x.example', jwksUri: 'http://x.example/keys' })],
  ['an address that is no JSON', (address: string) => ({ issuer: address, jwksUri: 'http://127.0.0.1:1/keys' })],
])('%s: the assertion is refused for now, and that is said', async (_, address) => {
  const token = await issuer.sign({ sub: 'a' });
  const keys = issuerKeys(address(issuer.issuer));
  const asked = Promise.resolve(keys(decodeProtectedHeader(token) as { alg: string }, { payload: '', signature: '' }));
  await expect(asked).rejects.toMatchObject({ code: 'idp_unreachable' });
});

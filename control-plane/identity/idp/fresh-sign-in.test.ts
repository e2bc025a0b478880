import { expect, test } from 'vitest';
import { testProvider } from '../testing/provider.js';
import { CALLBACK_QUERY, LOGIN, ScriptedIdp } from '../testing/scripted-idp.js';
import { signedInSince } from './fresh-sign-in.js';

const fresh = { scope: 'fresh', maxAge: 60 };
const demanded = { demand: { maxAge: 300 }, begunAt: 1_000_000 };

test('the granted scope proves a sign-in of its age, counted from when the browser was sent', () => {
  for (const said of [null, 0]) {
    expect(signedInSince({ said, scope: 'openid fresh' }, demanded, fresh)).toBe(940_000);
  }
});

test.each([
  ['the scope was not granted', { said: 0, scope: 'openid email' }],
  ['a scope only begins like it', { said: 0, scope: 'openid fresher' }],
  ['the answer names no scope', { said: null, scope: undefined }],
])('nothing is proved where %s', (_why, answer) => {
  expect(signedInSince(answer, demanded, fresh)).toBeNull();
});

test('nor where no age was demanded, or the provider has no such scope', () => {
  const answer = { said: null, scope: 'openid fresh' };
  expect(signedInSince(answer, { ...demanded, demand: { acrValues: ['phr'] } }, fresh)).toBeNull();
  expect(signedInSince(answer, demanded, undefined)).toBeNull();
});

test('an auth_time counts before it, also one that is older', () => {
  expect(signedInSince({ said: 5_000, scope: 'openid fresh' }, demanded, fresh)).toBe(5_000);
});

test('the scope is asked for where an age is demanded, and nowhere else', async () => {
  await using idp = await ScriptedIdp.start();
  const provider = testProvider(idp.issuer, { scopes: ['openid', 'groups'], freshSignIn: fresh });
  const scopes = await Promise.all(
    [{ maxAge: 300 }, { acrValues: ['phr'] }, {}].map(async (demand) => {
      const url = await provider.authorizationUrl(LOGIN, { again: false, ...demand });
      return url.searchParams.get('scope');
    }),
  );
  expect(scopes).toEqual(['openid groups fresh', 'openid groups', 'openid groups']);
});

test('what the token endpoint granted counts, not what the callback of the browser says', async () => {
  await using idp = await ScriptedIdp.start();
  const provider = testProvider(idp.issuer, { freshSignIn: fresh });
  idp.granted = 'openid groups';
  const stale = await provider.redeem(`${CALLBACK_QUERY}&scope=openid+fresh`, LOGIN);
  expect(provider.signedInSince(stale, demanded)).toBeNull();
  idp.granted = 'openid groups fresh';
  const proved = await provider.redeem(CALLBACK_QUERY, LOGIN);
  expect(provider.signedInSince(proved, demanded)).toBe(940_000);
});

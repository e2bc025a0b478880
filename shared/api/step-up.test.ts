import { expect, test } from 'vitest';
import { meets, stepUpIn, stepUpParameters } from './step-up.js';

test.each([
  [{ maxAge: 300 }, ['max_age="300"']],
  [{ acrValues: ['phr', 'phrh'] }, ['acr_values="phr phrh"']],
  [{ maxAge: 60, acrValues: ['urn:x:mfa'] }, ['max_age="60"', 'acr_values="urn:x:mfa"']],
])('%o is written and read alike', (demand, parameters) => {
  expect(stepUpParameters(demand)).toEqual(parameters);
  const about = ['error="insufficient_user_authentication"', ...parameters].join(', ');
  expect(stepUpIn(`Bearer ${about}, scope="mcp", DPoP algs="ES256", ${about}`)).toEqual(demand);
});

test('another error demands no other sign-in', () => {
  expect(stepUpIn(undefined)).toBeUndefined();
  expect(stepUpIn('Bearer error="invalid_token", max_age="300"')).toBeUndefined();
  expect(stepUpIn('Bearer error_description="error=insufficient_user_authentication"')).toBeUndefined();
});

const NOW = 1_800_000_000_000;
const session = (age: number, acr: string | null = null) => ({ authTime: NOW - age * 1000, acr });

test.each([
  [session(300), { maxAge: 300 }, true],
  [session(301), { maxAge: 300 }, false],
  [{ authTime: 0, acr: 'phr' }, { maxAge: 86_400 }, false],
  [{ authTime: 0, acr: 'phr' }, { acrValues: ['phr'] }, true],
  [session(0, 'phr'), { acrValues: ['phrh', 'phr'] }, true],
  [session(0, 'PHR'), { acrValues: ['phr'] }, false],
  [session(0, 'pwd'), { maxAge: 300, acrValues: ['phr'] }, false],
  [session(301, 'phr'), { maxAge: 300, acrValues: ['phr'] }, false],
  [session(0), { acrValues: ['phr'] }, false],
  [session(0, 'phr'), { acrValues: [] }, false],
  [session(999_999), {}, true],
])('%o against %o: %s', (signIn, demand, met) => {
  expect(meets(signIn, demand, NOW)).toBe(met);
});

test('what the provider says in amr is no acr', () => {
  const signIn = { ...session(0, 'pwd'), amr: ['phr', 'mfa', 'hwk'] };
  expect(meets(signIn, { acrValues: ['phr'] }, NOW)).toBe(false);
});

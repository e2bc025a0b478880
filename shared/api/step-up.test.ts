import { expect, test } from 'vitest';
import { stepUpIn, stepUpParameters } from './step-up.js';

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

import { expect, test } from 'vitest';
import { bearerChallenge } from './bearer-challenge.js';

const NOTHING = { error: undefined, scopes: [], resourceMetadata: undefined };
const METADATA = 'https://crm.acme.example/.well-known/oauth-protected-resource';

test('what a server says of the token that it wants', () => {
  const header = `Bearer realm="a, b", error="insufficient_scope", scope="crm:read crm:write", resource_metadata="${METADATA}"`;
  const said = { error: 'insufficient_scope', scopes: ['crm:read', 'crm:write'], resourceMetadata: METADATA };
  expect(bearerChallenge(header)).toEqual(said);
  expect(bearerChallenge([`Basic realm="x", error="no"`, header])).toEqual(said);
  expect(bearerChallenge(`${header}, Basic realm="y", scope="other"`)).toEqual(said);
  expect(bearerChallenge('DPoP error=invalid_token, algs="ES256"')).toEqual({ ...NOTHING, error: 'invalid_token' });
});

test.each([
  undefined,
  '',
  'Basic realm="Bearer error=x"',
  'Bearer',
  '"',
  'error="invalid_token"',
  'Bearer error="\u0007"',
])('%j says nothing', (header) => {
  expect(bearerChallenge(header)).toEqual(NOTHING);
});

test('what a server writes is bounded', () => {
  const scopes = Array.from({ length: 100 }, (_, at) => `s${at}`).join(' ');
  expect(bearerChallenge(`Bearer scope="${scopes}"`).scopes).toHaveLength(32);
  expect(bearerChallenge(`Bearer x="${'a'.repeat(10_000)}", error="invalid_token"`)).toEqual(NOTHING);
  expect(bearerChallenge('Bearer resource_metadata="not an address", scope="a\\"b"')).toEqual(NOTHING);
});

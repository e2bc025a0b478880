import { expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import { challenge } from './challenge.js';
import { StepUpNeeded } from './step-up.js';

const METADATA = 'https://mcp.corp.test/.well-known/oauth-protected-resource/mcp';
const PLACE = `resource_metadata="${METADATA}", scope="mcp"`;

test('without credentials there is no error, only the way', () => {
  const expected = [`Bearer ${PLACE}`, `DPoP algs="ES256", ${PLACE}`];
  expect(challenge(undefined, METADATA, 'mcp')).toEqual(expected);
  expect(challenge(new CodedError('sign_in_needed'), METADATA, 'mcp')).toEqual(expected);
});

test('a bad proof is an error of DPoP alone', () => {
  const error = new CodedError('dpop_invalid', { message: 'Say "no"\r\nX: y' });
  expect(challenge(error, METADATA, 'mcp')).toEqual([
    `Bearer ${PLACE}`,
    `DPoP algs="ES256", error="invalid_dpop_proof", error_description="Say noX: y", ${PLACE}`,
  ]);
});

test.for([
  ['token_invalid', 'invalid_token'],
  ['session_ended', 'invalid_token'],
  ['scope_insufficient', 'insufficient_scope'],
] as const)('%s is %s under both schemes', ([code, name]) => {
  for (const line of challenge(new CodedError(code), METADATA, 'mcp')) expect(line).toContain(`error="${name}"`);
});

test('an old sign-in is told how old one may be', () => {
  const about =
    'error="insufficient_user_authentication", ' +
    'error_description="Changes need a sign-in from the last 10 minutes. Sign in again.", max_age="600"';
  const place = `resource_metadata="${METADATA}", scope="openid mcp"`;
  expect(challenge(new CodedError('sign_in_stale'), METADATA, 'mcp')).toEqual([
    `Bearer ${about}, ${place}`,
    `DPoP algs="ES256", ${about}, ${place}`,
  ]);
});

test('a step-up is told how old the sign-in may be and of which kind', () => {
  const error = new StepUpNeeded({ maxAge: 300, acrValues: ['phr', 'phrh'] }, 'Sign in again.');
  for (const line of challenge(error, METADATA, 'mcp')) {
    expect(line).toContain(
      'error="insufficient_user_authentication", error_description="Sign in again.", ' +
        'max_age="300", acr_values="phr phrh", resource_metadata=',
    );
  }
});

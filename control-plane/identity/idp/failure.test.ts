import { expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import { failureOf, isOutage, SubjectMismatch } from './failure.js';

const withStatus = (status: number, error?: string) =>
  Object.assign(new Error('x'), { status, ...(error && { error }) });
const hidden = (status: number) => new Error('a', { cause: new Error('b', { cause: new Response(null, { status }) }) });

test.for<readonly [string, unknown, string]>([
  ['invalid_grant', withStatus(400, 'invalid_grant'), 'refused'],
  ['an empty 400', hidden(400), 'refused'],
  ['403', withStatus(403), 'refused'],
  ['another subject', new SubjectMismatch(), 'refused'],
  ['our own wrong secret', withStatus(401, 'invalid_client'), 'unavailable'],
  ['too many requests', withStatus(429), 'unavailable'],
  ['500', hidden(500), 'unavailable'],
  ['a broken connection', new TypeError('fetch failed'), 'unavailable'],
  ['no answer', Object.assign(new Error('timeout'), { code: 'OAUTH_TIMEOUT' }), 'unavailable'],
  ['nothing known', 'text', 'unavailable'],
])('%s at a refresh', ([, error, expected]) => {
  expect(failureOf(error)).toBe(expected);
});

test.for<readonly [string, unknown, boolean]>([
  ['a broken connection', new TypeError('fetch failed'), true],
  ['503', hidden(503), true],
  ['keys that did not come', Object.assign(new Error('x'), { code: 'ERR_JWKS_TIMEOUT' }), true],
  ['discovery that failed', new CodedError('idp_unreachable'), true],
  ['a wrong nonce', Object.assign(new Error('x'), { code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' }), false],
  ['a refused code', withStatus(400, 'invalid_grant'), false],
])('%s counts as an outage or not', ([, error, expected]) => {
  expect(isOutage(error)).toBe(expected);
});

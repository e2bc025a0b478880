import { expect, test } from 'vitest';
import { isServerFault, jsonRpcFailure, outcomeFailure } from './failure.js';

test.each([
  [{ outcome: 'ok', code: 'input_required' }, undefined],
  [{ outcome: 'tool_error' }, { type: 'tool_error' }],
  [
    { outcome: 'error', code: '-32601' },
    { type: '-32601', status: '-32601' },
  ],
  [
    { outcome: 'error', code: '-32042' },
    { type: '-32042', status: '-32042' },
  ],
  [
    { outcome: 'unknown', code: 'upstream_timeout' },
    { type: 'upstream_timeout', code: 'upstream_timeout' },
  ],
])('%o', (outcome, failure) => {
  expect(outcomeFailure(outcome)).toEqual(failure);
});

test('a code that a server invents is not named: there is no end of them, and it may be a secret', () => {
  expect(outcomeFailure({ outcome: 'error', code: '9471' })).toEqual({ type: '_OTHER', status: '_OTHER' });
  expect(outcomeFailure({ outcome: 'error', code: 'sk-9471' })).toEqual({ type: '_OTHER' });
  expect(jsonRpcFailure(-32_603, 'sk-9471')).toEqual({ type: '-32603', status: '-32603' });
});

test('what only tells a client of its own request is no fault of the server', () => {
  expect(isServerFault(jsonRpcFailure(-32_602))).toBe(false);
  expect(isServerFault(jsonRpcFailure(-31_010, 'policy_denied'))).toBe(false);
  expect(isServerFault(jsonRpcFailure(-31_024, 'upstream_timeout'))).toBe(true);
  expect(isServerFault(jsonRpcFailure(-32_603))).toBe(true);
  expect(isServerFault(jsonRpcFailure(-32_001))).toBe(true);
  expect(isServerFault({ type: 'tool_error' })).toBe(true);
});

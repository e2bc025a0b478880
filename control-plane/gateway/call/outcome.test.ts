import { expect, test } from 'vitest';
import { outcomeOf } from './outcome.js';

const FACTS = {
  id: '1',
  method: false,
  methodName: undefined,
  level: undefined,
  inputRequired: false,
  result: false,
  error: true,
  isError: false,
  errorCode: 83_910_283,
};

test('a credential of digits that comes back as the code of an error is not recorded', () => {
  expect(outcomeOf(FACTS, ['83910283'])).toEqual({ outcome: 'error', code: '[redacted]' });
  expect(outcomeOf(FACTS, ['stream-secret'])).toEqual({ outcome: 'error', code: '83910283' });
});

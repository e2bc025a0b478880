import { expect, test } from 'vitest';
import { failedAt, outageText, resumedAt } from './outage.js';

const NOON = Date.UTC(2027, 0, 15, 12);

test('failures within five minutes are one outage, later ones another', () => {
  const begun = failedAt(undefined, NOON);
  expect(failedAt(begun, NOON + 900_000)).toEqual({ since: NOON });
  const over = resumedAt(begun, NOON + 1_000);
  expect(resumedAt(over, NOON + 2_000)).toEqual({ since: NOON, until: NOON + 1_000 });
  expect(failedAt(over, NOON + 300_999)).toEqual({ since: NOON });
  expect(failedAt(over, NOON + 301_000)).toEqual({ since: NOON + 301_000 });
  expect(resumedAt(undefined, NOON)).toBeUndefined();
});

test('what people are told names the times and where to look, and no cause', () => {
  expect(outageText({ since: NOON })).toBe(
    'The audit log cannot be written since 2027-01-15T12:00:00.000Z, so every call is refused. The log of the control plane and /health of adminListen say why.',
  );
  expect(outageText({ since: NOON, until: NOON + 60_000 })).toBe(
    'The audit log could not be written from 2027-01-15T12:00:00.000Z to 2027-01-15T12:01:00.000Z; calls were refused meanwhile. The log of the control plane says why.',
  );
});

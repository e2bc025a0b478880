import { CodedError } from '#shared/errors.js';

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/** `90d`, `12h` or a date such as 2027-01-31 (its first moment in UTC), as epoch milliseconds in the future. */
export function expiryTime(text: string, now: number): number {
  const [, count, unit] = /^([1-9]\d{0,4})([dh])$/.exec(text) ?? [];
  const time = count !== undefined && unit !== undefined ? now + Number(count) * UNITS[unit]! : dayTime(text);
  if (time > now) return time;
  throw new CodedError('usage', {
    message: '--expires: write 90d, 12h or a day that is still to come, for example 2027-01-31.',
  });
}

function dayTime(text: string): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
}

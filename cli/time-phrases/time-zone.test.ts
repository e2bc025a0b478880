import { expect, test } from 'vitest';
import { TimeZone, type LocalTime } from './time-zone.js';

function instant(
  zone: string,
  [year, month, day, hour, minute]: readonly [number, number, number, number, number],
): string {
  const local: LocalTime = { year, month, day, hour, minute, second: 0 };
  return new Date(TimeZone.named(zone)!.instantOf(local)).toISOString();
}

test.each([
  ['UTC', [2026, 11, 17, 0, 0], '2026-11-17T00:00:00.000Z'],
  ['Europe/Berlin', [2026, 7, 1, 0, 0], '2026-06-30T22:00:00.000Z'],
  ['Asia/Kolkata', [2026, 11, 17, 0, 0], '2026-11-16T18:30:00.000Z'],
  ['Pacific/Kiritimati', [2026, 11, 17, 0, 0], '2026-11-16T10:00:00.000Z'],
  ['America/St_Johns', [2026, 11, 17, 0, 0], '2026-11-17T03:30:00.000Z'],
  ['Australia/Lord_Howe', [2026, 12, 1, 0, 0], '2026-11-30T13:00:00.000Z'],
  // Set forward on 2026-03-29 from 02:00 to 03:00: 02:30 is never shown.
  ['Europe/Berlin', [2026, 3, 29, 2, 30], '2026-03-29T01:30:00.000Z'],
  ['Europe/Berlin', [2026, 3, 29, 3, 0], '2026-03-29T01:00:00.000Z'],
  // Set back on 2026-10-25 from 03:00 to 02:00: 02:30 is shown twice.
  ['Europe/Berlin', [2026, 10, 25, 2, 30], '2026-10-25T00:30:00.000Z'],
  // Midnight itself is skipped: the day begins at 01:00.
  ['America/Santiago', [2026, 9, 6, 0, 0], '2026-09-06T04:00:00.000Z'],
  // The day overflows into the next year.
  ['Europe/Berlin', [2026, 12, 32, 0, 0], '2026-12-31T23:00:00.000Z'],
] as const)('%s %j is %s', (zone, local, expected) => {
  expect(instant(zone, local)).toBe(expected);
});

test('midnight is hour 0, never 24', () => {
  const midnight = { year: 2026, month: 11, day: 17, hour: 0, minute: 0, second: 0 };
  expect(TimeZone.named('Europe/Berlin')!.localTime(Date.parse('2026-11-16T23:00:00Z'))).toEqual(midnight);
});

test('what is no zone is undefined', () => {
  expect(TimeZone.named('Mars/Olympus')).toBeUndefined();
});

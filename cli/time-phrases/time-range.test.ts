import { expect, test } from 'vitest';
import { readTimeRange, requireZone } from './time-range.js';

/** A Monday: 09:30 in Berlin. */
const NOW = Date.parse('2026-11-23T08:30:00Z');

function range(since: string | undefined, until?: string, zone = 'Europe/Berlin', now = NOW): (string | undefined)[] {
  const found = readTimeRange({ since, until }, now, requireZone(zone));
  return [found.since, found.until].map((at) => (at === undefined ? undefined : new Date(at).toISOString()));
}

test.each([
  ['last tuesday', ['2026-11-16T23:00:00.000Z', '2026-11-17T23:00:00.000Z']],
  ['Last  Tuesday ', ['2026-11-16T23:00:00.000Z', '2026-11-17T23:00:00.000Z']],
  ['sunday', ['2026-11-21T23:00:00.000Z', '2026-11-22T23:00:00.000Z']],
  ['last monday', ['2026-11-15T23:00:00.000Z', '2026-11-16T23:00:00.000Z']],
  ['today', ['2026-11-22T23:00:00.000Z', '2026-11-23T23:00:00.000Z']],
  ['yesterday', ['2026-11-21T23:00:00.000Z', '2026-11-22T23:00:00.000Z']],
  ['2026-11-20', ['2026-11-19T23:00:00.000Z', '2026-11-20T23:00:00.000Z']],
  ['3 days ago', ['2026-11-20T08:30:00.000Z', undefined]],
  ['2 weeks ago', ['2026-11-09T08:30:00.000Z', undefined]],
  ['90 minutes ago', ['2026-11-23T07:00:00.000Z', undefined]],
  ['1 hour ago', ['2026-11-23T07:30:00.000Z', undefined]],
  ['14:00', ['2026-11-23T13:00:00.000Z', undefined]],
  ['yesterday 14:00', ['2026-11-22T13:00:00.000Z', undefined]],
  ['last tuesday 9:05:30', ['2026-11-17T08:05:30.000Z', undefined]],
  ['2026-11-20 14:00', ['2026-11-20T13:00:00.000Z', undefined]],
  ['2026-11-20T14:00', ['2026-11-20T13:00:00.000Z', undefined]],
  ['2026-11-20T14:00:00Z', ['2026-11-20T14:00:00.000Z', undefined]],
  ['2026-11-20T14:00:00.250-05:00', ['2026-11-20T19:00:00.250Z', undefined]],
  ['now', ['2026-11-23T08:30:00.000Z', undefined]],
])('--since %j', (since, expected) => {
  expect(range(since)).toEqual(expected);
});

test.each([
  ['yesterday', 'today', ['2026-11-21T23:00:00.000Z', '2026-11-23T23:00:00.000Z']],
  ['last tuesday', '2026-11-19', ['2026-11-16T23:00:00.000Z', '2026-11-19T23:00:00.000Z']],
  ['2026-11-20', '2026-11-20 12:00', ['2026-11-19T23:00:00.000Z', '2026-11-20T11:00:00.000Z']],
  [undefined, 'yesterday', [undefined, '2026-11-22T23:00:00.000Z']],
])('--since %j --until %j', (since, until, expected) => {
  expect(range(since, until)).toEqual(expected);
});

test.each([
  // 25 hours, because clocks were set back in the night.
  ['Europe/Berlin', '2026-10-25', ['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z']],
  // 23 hours, because they were set forward.
  ['Europe/Berlin', '2026-03-29', ['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z']],
  ['America/New_York', '2026-11-01', ['2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z']],
  // Tuesday is a different day on the other side of the date line.
  ['Pacific/Kiritimati', 'last tuesday', ['2026-11-16T10:00:00.000Z', '2026-11-17T10:00:00.000Z']],
  ['America/Los_Angeles', 'today', ['2026-11-23T08:00:00.000Z', '2026-11-24T08:00:00.000Z']],
])('in %s, %s is that day of that zone', (zone, since, expected) => {
  expect(range(since, undefined, zone)).toEqual(expected);
});

test('the weekday is that of the zone, not of UTC', () => {
  const mondayInUtc = Date.parse('2026-11-23T23:30:00Z');
  // In Tokyo it is already Tuesday, so last Tuesday is a week ago.
  expect(range('last tuesday', undefined, 'Asia/Tokyo', mondayInUtc)[0]).toBe('2026-11-16T15:00:00.000Z');
  expect(range('last tuesday', undefined, 'UTC', mondayInUtc)[0]).toBe('2026-11-17T00:00:00.000Z');
});

test('a day ago is the same time on the clock, also over the change of clocks', () => {
  const afterChange = Date.parse('2026-10-25T11:00:00Z');
  expect(range('1 day ago', undefined, 'Europe/Berlin', afterChange)[0]).toBe('2026-10-24T10:00:00.000Z');
  expect(range('24 hours ago', undefined, 'Europe/Berlin', afterChange)[0]).toBe('2026-10-24T11:00:00.000Z');
});

test.each([
  '',
  'tomorrowish',
  'last',
  '2026-02-30',
  '2026-13-01',
  '25:00',
  '2026-11-20T25:00:00Z',
  '-1 days ago',
  '1 day',
])('--since %j is refused with examples', (since) => {
  expect(() => range(since)).toThrow(
    `--since: '${since}' is not a time. Write one like 'last tuesday', 'yesterday 14:00', '3 days ago'`,
  );
});

test('a range that is upside down and an unknown zone are wrong use', () => {
  expect(() => range('today', 'yesterday')).toThrow('--since is not before --until');
  expect(() => requireZone('Mars/Olympus')).toThrow(`--tz: there is no time zone 'Mars/Olympus'.`);
});

import { asUtc, type LocalTime, type TimeZone } from './time-zone.js';

/** What a phrase names: a moment, or a whole day from its start to the start of the next. Epoch milliseconds. */
export type NamedTime =
  | { readonly kind: 'moment'; readonly at: number }
  | { readonly kind: 'day'; readonly from: number; readonly to: number };

export const TIME_EXAMPLES = `'last tuesday', 'yesterday 14:00', '3 days ago', '14:00', 2026-11-20, 2026-11-20T14:00:00Z`;

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const RFC3339 = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;
const AGO = /^(\d{1,4}) (minute|hour|day|week)s? ago$/;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Reads a time as a person writes it, on a clock of `zone`. Undefined for what it does not know. */
export function readTimePhrase(phrase: string, now: number, zone: TimeZone): NamedTime | undefined {
  const text = phrase.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  if (text === 'now') return { kind: 'moment', at: now };
  return readRfc3339(phrase.trim()) ?? readAgo(text, now, zone) ?? readDayAndClock(text, now, zone);
}

function readRfc3339(text: string): NamedTime | undefined {
  const match = RFC3339.exec(text);
  if (!match || !readDate(match[1]!)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : { kind: 'moment', at };
}

/** Days and weeks are those of the calendar: the same time on the clock, also when clocks were set in between. */
function readAgo(text: string, now: number, zone: TimeZone): NamedTime | undefined {
  const match = AGO.exec(text);
  if (!match) return undefined;
  const count = Number(match[1]);
  if (match[2] === 'minute') return { kind: 'moment', at: now - count * 60_000 };
  if (match[2] === 'hour') return { kind: 'moment', at: now - count * 3_600_000 };
  const local = zone.localTime(now);
  const days = match[2] === 'week' ? count * 7 : count;
  return { kind: 'moment', at: zone.instantOf({ ...local, day: local.day - days }) };
}

/** `DAY`, `DAY CLOCK`, or `CLOCK` of today. */
function readDayAndClock(text: string, now: number, zone: TimeZone): NamedTime | undefined {
  const [, dayText = '', clockText] = /^(.*?)(?:(?:^|[ t])(\d{1,2}:\d\d(?::\d\d)?))?$/.exec(text) ?? [];
  const today = zone.localTime(now);
  const day = dayText === '' && clockText !== undefined ? today : readDay(dayText, today);
  if (!day) return undefined;
  if (clockText === undefined) {
    return { kind: 'day', from: zone.instantOf(midnight(day)), to: zone.instantOf(midnight(day, 1)) };
  }
  const clock = readClock(clockText);
  return clock && { kind: 'moment', at: zone.instantOf({ ...midnight(day), ...clock }) };
}

function readDay(text: string, today: CalendarDay): CalendarDay | undefined {
  if (text === 'today') return today;
  if (text === 'yesterday') return { ...today, day: today.day - 1 };
  const weekday = WEEKDAYS.indexOf(text.replace(/^last /, ''));
  return weekday < 0 ? readDate(text) : lastWeekday(weekday, today);
}

/** The latest such weekday before today: on a Tuesday, `last tuesday` is a week ago. */
function lastWeekday(weekday: number, today: CalendarDay): CalendarDay {
  const current = new Date(asUtc(midnight(today))).getUTCDay();
  return { ...today, day: today.day - (((current - weekday + 6) % 7) + 1) };
}

function readDate(text: string): CalendarDay | undefined {
  const [year, month, day] = (DATE.exec(text) ?? []).slice(1).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const real = new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(text);
  return real ? { year, month, day } : undefined;
}

function readClock(text: string): Pick<LocalTime, 'hour' | 'minute' | 'second'> | undefined {
  const match = CLOCK.exec(text);
  return match ? { hour: Number(match[1]), minute: Number(match[2]), second: Number(match[3] ?? 0) } : undefined;
}

function midnight({ year, month, day }: CalendarDay, later = 0): LocalTime {
  return { year, month, day: day + later, hour: 0, minute: 0, second: 0 };
}

import { CodedError } from '#shared/errors.js';
import { readTimePhrase, TIME_EXAMPLES, type NamedTime } from './time-phrase.js';
import { TimeZone } from './time-zone.js';

/** From `since` up to, and without, `until`. Epoch milliseconds; an absent end is open. */
export interface TimeRange {
  readonly since?: number;
  readonly until?: number;
}

/** `--tz`, or the machine's own zone. Throws `usage`. */
export function requireZone(name: string | undefined): TimeZone {
  if (name === undefined) return TimeZone.ofThisMachine();
  const zone = TimeZone.named(name);
  if (zone) return zone;
  throw new CodedError('usage', {
    message: `--tz: there is no time zone '${name}'. Write one like Europe/Berlin, America/New_York or UTC.`,
  });
}

/**
 * The range that `--since` and `--until` name. A day as `--until` is included whole; a day as `--since` alone is that
 * day and no more. Throws `usage`.
 */
export function readTimeRange(
  phrases: { readonly since?: string | undefined; readonly until?: string | undefined },
  now: number,
  zone: TimeZone,
): TimeRange {
  const since = required('--since', phrases.since, now, zone);
  const until = required('--until', phrases.until, now, zone);
  const from = since && (since.kind === 'day' ? since.from : since.at);
  const to = until ? endOf(until) : since?.kind === 'day' ? since.to : undefined;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new CodedError('usage', { message: '--since is not before --until, so nothing can match.' });
  }
  return { ...(from === undefined ? {} : { since: from }), ...(to === undefined ? {} : { until: to }) };
}

function endOf(time: NamedTime): number {
  return time.kind === 'day' ? time.to : time.at;
}

function required(option: string, phrase: string | undefined, now: number, zone: TimeZone): NamedTime | undefined {
  if (phrase === undefined) return undefined;
  const time = readTimePhrase(phrase, now, zone);
  if (time) return time;
  throw new CodedError('usage', { message: `${option}: '${phrase}' is not a time. Write one like ${TIME_EXAMPLES}.` });
}

/**
 * The range that `--from` and `--to` name, each open where it is absent: a day as `--from` is its start and goes on, a day as
 * `--to` is included whole. Throws `usage`.
 */
export function readOpenRange(
  phrases: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: number,
  zone: TimeZone,
): TimeRange {
  const first = required('--from', phrases.from, now, zone);
  const last = required('--to', phrases.to, now, zone);
  const since = first && (first.kind === 'day' ? first.from : first.at);
  const until = last && endOf(last);
  if (since !== undefined && until !== undefined && since >= until) {
    throw new CodedError('usage', { message: '--from is not before --to, so nothing lies between them.' });
  }
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
}

import type { TimeZone } from './time-zone.js';

/** A time (epoch milliseconds) as a clock on the wall of that zone shows it: `2026-11-23 09:30:00`. */
export function clockText(at: number, zone: TimeZone): string {
  const { year, month, day, hour, minute, second } = zone.localTime(at);
  return `${year}-${twoDigits(month)}-${twoDigits(day)} ${[hour, minute, second].map(twoDigits).join(':')}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

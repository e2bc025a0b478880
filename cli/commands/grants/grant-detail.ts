import type { ListedGrant } from '#shared/api/grants.js';
import { printable } from '../../system/printable.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { who } from '../sessions/session-words.js';
import { targetText } from './grant-target.js';

const LABEL_WIDTH = 12;

/** Everything about one grant, a line each. */
export function printGrant(grant: ListedGrant, zone: TimeZone): string {
  const { id, kind, person, reason, givenBy, createdAt, expiresAt, state, endedAt, reviewedAt } = grant;
  const clock = (time: string): string => clockText(Date.parse(time), zone);
  const lines: [string, string][] = [
    ['Grant', `${printable(id)} (${state})`],
    ['Kind', kind],
    ['Who', who(person)],
    ['Access to', targetText(grant)],
    ['Reason', printable(reason)],
    ['Given by', `${who(givenBy)}, ${clock(createdAt)}`],
    ['Until', clock(expiresAt)],
    ...(endedAt === null ? [] : [['Ended', clock(endedAt)] satisfies [string, string]]),
    ...(kind === 'grant'
      ? []
      : [['Reviewed', reviewedAt === null ? 'not yet' : clock(reviewedAt)] satisfies [string, string]]),
  ];
  const text = lines.map(([label, value]) => label.padEnd(LABEL_WIDTH) + value).join('\n');
  return `${text}\n\nTimes are ${zone.name}.${state === 'live' ? ` End it: mcp-sso grants end ${printable(id)}` : ''}\n`;
}

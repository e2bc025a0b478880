import type { ListedHold } from '#shared/api/holds.js';
import { printable } from '../../../system/printable.js';
import { clockText } from '../../../time-phrases/clock-text.js';
import type { TimeZone } from '../../../time-phrases/time-zone.js';
import { who } from '../../sessions/session-words.js';

const LABEL_WIDTH = 10;

/** A few lines a hold, newest first, no colours. */
export function printHolds(holds: readonly ListedHold[], more: boolean, zone: TimeZone): string {
  if (holds.length === 0) return 'Nothing is under legal hold. Released ones: mcp-sso admin holds list --all\n';
  const blocks = holds.map((hold) => printHold(hold, zone));
  return `${blocks.join('\n')}\nTimes are ${zone.name}.${more ? ' There are more: raise --limit.' : ''}\n`;
}

/** Everything about one hold, a line each. */
export function printHold(hold: ListedHold, zone: TimeZone): string {
  const { id, name, state, createdBy, createdAt, releasedBy, releasedAt, releaseReason } = hold;
  const clock = (time: string): string => clockText(Date.parse(time), zone);
  const lines: [string, string][] = [
    ['Hold', `${printable(id)} (${state})`],
    ['Name', printable(name)],
    ['Covers', coverage(hold, clock)],
    ['Made', `${clock(createdAt)} by ${who(createdBy)}`],
  ];
  if (releasedBy !== null && releasedAt !== null) {
    lines.push(['Released', `${clock(releasedAt)} by ${who(releasedBy)}: ${printable(releaseReason ?? '')}`]);
  }
  return `${lines.map(([label, value]) => label.padEnd(LABEL_WIDTH) + value).join('\n')}\n`;
}

function coverage({ person, server, from, to }: ListedHold, clock: (time: string) => string): string {
  const parts = [
    ...(person === null ? [] : [`of ${who(person)}`]),
    ...(server === null ? [] : [`at ${printable(server)}`]),
    ...(from === null ? [] : [`from ${clock(from)}`]),
    ...(to === null ? [] : [`before ${clock(to)}`]),
  ];
  return parts.length === 0 ? 'everything' : `records ${parts.join(', ')}`;
}

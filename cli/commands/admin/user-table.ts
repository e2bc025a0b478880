import type { ListedUser } from '#shared/api/users.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { printable } from '../../system/printable.js';
import { alignColumns } from '../table.js';
import { who } from '../sessions/session-words.js';

const HEADER = ['WHO', 'ID', 'PROVIDER', 'SESSIONS', 'LAST USE', 'GROUPS'];

/** A line a person, at most 120 columns, no colours; then how to read them. */
export function printUsers(users: readonly ListedUser[], more: boolean, zone: TimeZone): string {
  if (users.length === 0) return 'Nobody matches.\n';
  const sorted = users.toSorted((one, other) => who(one).localeCompare(who(other)));
  const count = `${users.length} ${users.length === 1 ? 'person' : 'people'}. Times are ${zone.name}.`;
  const rest = more ? ['More match: raise --limit or name a --user.'] : [];
  return `${[...alignColumns([HEADER, ...sorted.map((user) => line(user, zone))]), '', count, ...rest].join('\n')}\n`;
}

function line(user: ListedUser, zone: TimeZone): string[] {
  const { id, provider, liveSessions, lastUsedAt, groups } = user;
  return [
    who(user),
    printable(id),
    printable(provider),
    String(liveSessions),
    lastUsedAt === null ? '-' : clockText(Date.parse(lastUsedAt), zone),
    groups.length === 0 ? '-' : groups.map(printable).join(', '),
  ];
}

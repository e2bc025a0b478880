import type { ListedPerson } from '#shared/api/person.js';
import type { ListedSession } from '#shared/api/sessions.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { printable } from '../../system/printable.js';
import { alignColumns, cell, cut, GAP, roomBeside } from '../table.js';

const HEADER = ['LAST USE', 'WHO', 'CLIENT', 'ADDRESS', 'SINCE', 'UNTIL'];
/** The computer's own name is cut here, so that what we say about it never is. */
const MAX_CLAIM = 40;
const MAX_ID = 64;

/** Two lines a session, at most 120 columns, no colours; then how to read them. */
export function printSessions(sessions: readonly ListedSession[], more: boolean, zone: TimeZone): string {
  if (sessions.length === 0) return 'No live session matches.\n';
  const count = `${sessions.length} live ${sessions.length === 1 ? 'session' : 'sessions'}. Times are ${zone.name}.`;
  const rest = more ? ['More match: raise --limit or name a --user.'] : [];
  return `${[...tableLines(sessions, zone), '', count, ...rest].join('\n')}\n`;
}

function tableLines(sessions: readonly ListedSession[], zone: TimeZone): string[] {
  const lines = alignColumns([HEADER, ...sessions.map((session) => firstLine(session, zone))]);
  const ids = ['SESSION', ...sessions.map(idText)];
  const width = Math.min(MAX_ID, Math.max(...ids.map(({ length }) => length)));
  const devices = ['DEVICE', ...sessions.map(deviceText)];
  return lines.flatMap((line, index) => [
    line,
    `${GAP}${cell(ids[index]!, width)}${GAP}${cut(devices[index]!, roomBeside(width))}`,
  ]);
}

function firstLine(session: ListedSession, zone: TimeZone): string[] {
  const [lastUse, since, until] = [session.lastUsedAt, session.createdAt, session.expiresAt].map((time) =>
    clockText(Date.parse(time), zone),
  );
  return [lastUse!, who(session.person), printable(session.client), printable(session.address), since!, until!];
}

/** A person as tables show them. */
export function who({ email, name, id }: ListedPerson): string {
  return printable(email ?? name ?? id);
}

function idText({ id }: ListedSession): string {
  return printable(id);
}

function deviceText({ device, current }: ListedSession): string {
  const claim = device === null ? '-' : `${cut(printable(device), MAX_CLAIM)} (its own claim)`;
  return current ? `${claim}, this one` : claim;
}

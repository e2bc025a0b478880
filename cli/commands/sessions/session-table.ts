import type { ListedSession } from '#shared/api/sessions.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { printable } from '../../system/printable.js';
import { alignColumns, cell, cut, GAP, roomBeside } from '../table.js';
import { idleText, notesOn, who } from './session-words.js';

const HEADER = ['LAST USE', 'WHO', 'CLIENT', 'ADDRESS', 'SINCE', 'UNTIL', 'IDLE'];
const WHO = 1;
/** A longer id, of a session that was derived from another, has a line of its own: it is never cut. */
const MAX_ID = 64;

export interface TableOptions {
  /** More match than are shown. */
  readonly more: boolean;
  readonly zone: TimeZone;
  /** Of one person, who knows who they are. */
  readonly own?: boolean;
  /** Ids of the sign-ins that this computer keeps. */
  readonly here?: ReadonlySet<string>;
}

/** Two lines a session, at most 120 columns, no colours; then how to read them. At least one session. */
export function printSessions(sessions: readonly ListedSession[], options: TableOptions): string {
  const { more, zone, own = false } = options;
  const count = `${sessions.length} live ${sessions.length === 1 ? 'session' : 'sessions'}. Times are ${zone.name}.`;
  const rest = more ? [`More match: raise --limit${own ? '' : ' or name a --user'}.`] : [];
  return `${[...tableLines(sessions, options), '', count, ...rest].join('\n')}\n`;
}

function tableLines(sessions: readonly ListedSession[], { zone, own, here = new Set() }: TableOptions): string[] {
  const rows = [HEADER, ...sessions.map((session) => firstLine(session, zone))];
  const lines = alignColumns(own === true ? rows.map((row) => row.toSpliced(WHO, 1)) : rows);
  const ids = ['SESSION', ...sessions.map(({ id }) => printable(id))];
  const notes = ['DEVICE', ...sessions.map((session) => notesOn(session, here).join(', ') || '-')];
  const width = Math.max(...ids.map(({ length }) => length).filter((length) => length <= MAX_ID));
  return lines.flatMap((line, index) => [line].concat(below(ids[index]!, notes[index]!, width)));
}

function below(id: string, note: string, width: number): string[] {
  const noteBeside = (left: string): string => `${GAP}${cell(left, width)}${GAP}${cut(note, roomBeside(width))}`;
  return id.length <= width ? [noteBeside(id)] : [`${GAP}${id}`, noteBeside('')];
}

function firstLine(session: ListedSession, zone: TimeZone): string[] {
  const [lastUse, since, until] = [session.lastUsedAt, session.createdAt, session.expiresAt].map((time) =>
    clockText(Date.parse(time), zone),
  );
  const { person, app, address, idleSeconds } = session;
  return [lastUse!, who(person), printable(app.title), printable(address), since!, until!, idleText(idleSeconds)];
}

import type { AuditEntry, AuditPage } from '#shared/api/audit.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeRange } from '../../time-phrases/time-range.js';
import { printable } from '../../system/printable.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { alignColumns, cell, cut, GAP, roomBeside } from '../table.js';

const REFERENCE = 36;
/** The app's own name is cut here, so that what we say about it never is. */
const MAX_CLAIM = 45;
const HEADER = ['TIME', 'WHO', 'SERVER/TOOL', 'DECISION', 'POLICY'];
const UNKNOWN_NOTE =
  'unknown: the server, the connection or the control plane ended before the answer; it may have taken effect.';
const CLAIM_NOTE = 'The name of a client is its own claim: what the app says of itself, never proof.';

/** Two lines an entry, at most 120 columns, no colours; then what the table covers and how to read it. */
export function printEntries({ entries, nextCursor, looked }: AuditPage, range: TimeRange, zone: TimeZone): string {
  const period = describePeriod(range, zone);
  const more = looked ? [lookedText(looked, zone)] : nextCursor === null ? [] : [MORE];
  if (entries.length === 0) return `${[`No entries match${period}.`, ...more].join('\n')}\n`;
  const count = `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}${period}. Times are ${zone.name}.`;
  const unknown = entries.some(({ outcome }) => outcome === 'unknown') ? [UNKNOWN_NOTE] : [];
  return `${[...tableLines(entries, zone), '', count, ...more, ...unknown, CLAIM_NOTE].join('\n')}\n`;
}

const MORE = 'More entries match: raise --limit or narrow the search.';

/** How far a search for text has come. */
function lookedText({ records, backTo }: NonNullable<AuditPage['looked']>, zone: TimeZone): string {
  const opened = `Looked into ${records} ${records === 1 ? 'record' : 'records'}`;
  if (backTo === null) return `${opened}: all that the other options leave.`;
  return `${opened}, back to ${clockText(Date.parse(backTo), zone)}: go on with --all, or narrow the search.`;
}

function tableLines(entries: readonly AuditEntry[], zone: TimeZone): string[] {
  const rows = [HEADER, ...entries.map((entry) => firstLine(entry, zone))];
  const clients = ['CLIENT', ...entries.map(clientText)];
  const clientWidth = Math.min(roomBeside(REFERENCE), Math.max(...clients.map(({ length }) => length)));
  const references = ['REFERENCE', ...entries.map(({ id }) => printable(id))];
  return alignColumns(rows).flatMap((line, index) => [
    line,
    `${GAP}${cell(clients[index]!, clientWidth)}${GAP}${references[index]!}`,
  ]);
}

function firstLine(entry: AuditEntry, zone: TimeZone): string[] {
  const decision = entry.decision === null ? '-' : entry.decision;
  return [
    clockText(Date.parse(entry.time), zone),
    printable(who(entry)),
    printable(what(entry)),
    entry.outcome === null ? decision : `${decision} (${entry.outcome})`,
    printable(policy(entry)),
  ];
}

/** `alice@acme.example, by service/agent for service/planner`: the nearest actor first. */
function who({ person, payload, actors }: AuditEntry): string {
  if (!person) return '-';
  const name = payload === 'erased' ? `${person.id} (erased)` : (person.email ?? person.name ?? person.id);
  return actors.length === 0 ? name : `${name}, by ${actors.join(' for ')}`;
}

function what({ type, server, target, affected }: AuditEntry): string {
  if (affected) return `${type} of ${affected.email ?? affected.name ?? affected.id}`;
  const place = [server, target].filter((part) => part !== null).join('/');
  if (place === '') return type;
  return type === 'tool.call' ? place : `${type} ${place}`;
}

function policy({ decision, policies }: AuditEntry): string {
  if (policies.length > 0) return policies.join(', ');
  return decision === 'deny' ? 'none permits it' : '-';
}

function clientText({ client }: AuditEntry): string {
  if (!client) return '-';
  const id = printable(client.id);
  return client.claimedName === null
    ? id
    : `${cut(printable(client.claimedName), MAX_CLAIM)} (its own claim) via ${id}`;
}

function describePeriod({ since, until }: TimeRange, zone: TimeZone): string {
  const from = since === undefined ? '' : ` from ${clockText(since, zone)}`;
  return until === undefined ? from : `${from} until ${clockText(until, zone)}`;
}

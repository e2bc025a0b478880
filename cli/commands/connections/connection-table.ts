import type { ConnectableServer, ListedConnection } from '#shared/api/connections.js';
import { printable } from '../../system/printable.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { who } from '../sessions/session-words.js';
import { alignColumns, cut, GAP, roomBeside } from '../table.js';

const OWN_HEADER = ['SERVER', 'STATE', 'CONNECTED', 'LAST USE', 'ACCOUNT AT'];
const HEADER = ['WHO', ...OWN_HEADER];

/** Two lines a connection, at most 120 columns, no colours: for those who support others. */
export function printConnections(connections: readonly ListedConnection[], more: boolean, zone: TimeZone): string {
  if (connections.length === 0) return 'No connection matches. See who has signed in: mcp-sso admin users\n';
  const rows = connections.map((connection) => [who(connection.person), ...cells(connection, zone)]);
  const width = Math.max(...connections.map(({ id }) => printable(id).length));
  const notes = [
    ['CONNECTION', 'SCOPES'] as const,
    ...connections.map(({ id, scopes }) => [id, scopesText(scopes)] as const),
  ];
  const lines = alignColumns([HEADER, ...rows]).flatMap((line, index) => {
    const [id, scopes] = notes[index]!;
    return [line, `${GAP}${printable(id).padEnd(width)}${GAP}${cut(scopes, roomBeside(width))}`];
  });
  const rest = more ? ['More match: raise --limit, or name a --user or a --server.'] : [];
  return `${[...lines, '', `Times are ${zone.name}.`, ...rest].join('\n')}\n`;
}

/** A line each for what the reader has, then where they could connect; says the next command. */
export function printOwn(
  connections: readonly ListedConnection[],
  connectable: readonly ConnectableServer[],
  zone: TimeZone,
): string {
  const rows = connections.map((connection) => cells(connection, zone));
  const table = rows.length === 0 ? [] : [...alignColumns([OWN_HEADER, ...rows]), '', `Times are ${zone.name}.`];
  const has = new Set(connections.map(({ server }) => server));
  const open = connectable.filter(({ server }) => !has.has(server));
  const lines = [
    ...(rows.length === 0 ? ['You have connected no account.'] : table),
    ...connections
      .filter(({ state }) => state === 'refused')
      .map(({ server }) => `${printable(server)} takes yours no more. Connect again: ${connectCommand(server)}`),
    ...open.map(({ server, title }) => `Not connected: ${printable(title)}. Connect it: ${connectCommand(server)}`),
    ...(rows.length === 0 && open.length === 0 ? ['No MCP server here asks for an account of yours.'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

export function connectCommand(server: string): string {
  return `mcp-sso connections connect ${printable(server)}`;
}

function cells(
  { server, state, connectedAt, lastUsedAt, refusedAt, issuer }: ListedConnection,
  zone: TimeZone,
): string[] {
  const clock = (time: string): string => clockText(Date.parse(time), zone);
  const since = refusedAt === null ? state : `${state} since ${clock(refusedAt)}`;
  return [printable(server), since, clock(connectedAt), clock(lastUsedAt), printable(issuer)];
}

function scopesText(scopes: readonly string[]): string {
  return scopes.length === 0 ? '-' : scopes.map(printable).join(' ');
}

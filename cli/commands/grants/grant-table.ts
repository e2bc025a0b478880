import type { ListedGrant, ListedGrantRequest } from '#shared/api/grants.js';
import { printable } from '../../system/printable.js';
import { clockText } from '../../time-phrases/clock-text.js';
import { durationText } from '../../time-phrases/duration.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { who } from '../sessions/session-words.js';
import { alignColumns, cut, GAP, roomBeside } from '../table.js';
import { targetText } from './grant-target.js';

const GRANT_HEADER = ['UNTIL', 'WHO', 'ACCESS TO', 'STATE', 'GIVEN BY'];
const REQUEST_HEADER = ['ASKED', 'WHO', 'ACCESS TO', 'FOR', 'STATE'];
const MORE = 'More match: raise --limit or name a --user.';

/** Two lines a grant, at most 120 columns, no colours. */
export function printGrants(grants: readonly ListedGrant[], more: boolean, zone: TimeZone): string {
  if (grants.length === 0) return 'No grant matches. Those that have ended: mcp-sso grants list --all\n';
  const rows = grants.map((grant) => {
    const { expiresAt, person, givenBy } = grant;
    return [clockText(Date.parse(expiresAt), zone), who(person), targetText(grant), stateText(grant), who(givenBy)];
  });
  return table([GRANT_HEADER, ...rows], ['GRANT', 'REASON'], grants, zone, more);
}

/** Two lines a request, at most 120 columns, no colours. */
export function printRequests(requests: readonly ListedGrantRequest[], more: boolean, zone: TimeZone): string {
  if (requests.length === 0) return 'No request matches. Those that were answered: mcp-sso grants requests --all\n';
  const rows = requests.map((request) => {
    const { createdAt, person, minutes, state } = request;
    const asked = clockText(Date.parse(createdAt), zone);
    return [asked, who(person), targetText(request), durationText(minutes), state];
  });
  return table([REQUEST_HEADER, ...rows], ['REQUEST', 'REASON'], requests, zone, more);
}

function stateText({ kind, state, reviewedAt }: ListedGrant): string {
  if (kind === 'grant') return state;
  return `${state}, break-glass${reviewedAt === null ? ', not reviewed' : ''}`;
}

function table(
  rows: readonly (readonly string[])[],
  below: readonly [string, string],
  listed: readonly { readonly id: string; readonly reason: string }[],
  zone: TimeZone,
  more: boolean,
): string {
  const width = Math.max(...listed.map(({ id }) => printable(id).length));
  const notes = [below, ...listed.map(({ id, reason }) => [printable(id), printable(reason)] as const)];
  const lines = alignColumns(rows).flatMap((line, index) => {
    const [id, reason] = notes[index]!;
    return [line, `${GAP}${id.padEnd(width)}${GAP}${cut(reason, roomBeside(width))}`];
  });
  return `${[...lines, '', `Times are ${zone.name}.`, ...(more ? [MORE] : [])].join('\n')}\n`;
}

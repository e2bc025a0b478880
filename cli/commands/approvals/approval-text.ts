import type { ListedApproval } from '#shared/api/approvals.js';
import { printable } from '../../system/printable.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { who } from '../sessions/session-words.js';
import { alignColumns } from '../table.js';

const HEADER = ['ID', 'STATE', 'WHO ASKS', 'SERVER', 'CALL', 'UNTIL'];
const LABEL_WIDTH = 12;

/** A line each: what the reader may decide first, then their own. */
export function printApprovals(approvals: readonly ListedApproval[], zone: TimeZone): string {
  if (approvals.length === 0) return 'No call waits for your approval, and none of yours waits for anybody.\n';
  const rows = approvals.map((approval) => [
    approval.id,
    approval.state,
    approval.own ? 'you' : who(approval.requester),
    printable(approval.server),
    printable(approval.target),
    clockText(Date.parse(approval.expiresAt), zone),
  ]);
  const next = approvals.some(({ mine }) => mine) ? 'Read one before you decide it: mcp-sso approvals show ID\n' : '';
  return `${alignColumns([HEADER, ...rows]).join('\n')}\n\nTimes are ${zone.name}. ${next}`.trimEnd().concat('\n');
}

/** All of one request, with the arguments for whoever may decide it. */
export function printApproval(approval: ListedApproval, zone: TimeZone): string {
  const { id, state, server, target, reason, groups, refusal, mine, own } = approval;
  const lines: [string, string][] = [
    ['Request', id],
    ['State', state],
    ['Who asks', own ? 'you' : who(approval.requester)],
    ...(approval.actors.length === 0
      ? []
      : [['Acting for them', printable(approval.actors.join(', '))] satisfies [string, string]]),
    ['Server', printable(server)],
    ['Call', printable(target)],
    ['Policy', printable(reason)],
    ['Decided by', groups.map((set) => `somebody of ${set.map(printable).join(' or ')}`).join(' and ')],
    ['Asked', clockText(Date.parse(approval.createdAt), zone)],
    ['Until', clockText(Date.parse(approval.expiresAt), zone)],
    ...(refusal === null ? [] : [['Refused', printable(refusal)] satisfies [string, string]]),
  ];
  const text = lines.map(([label, value]) => label.padEnd(LABEL_WIDTH) + value).join('\n');
  const shown = approval.arguments?.split('\n').map(printable).join('\n');
  const next = mine
    ? `\nApprove it: mcp-sso approvals approve ${id}\nRefuse it:  mcp-sso approvals refuse ${id}\n`
    : '';
  return `${text}\n${shown === undefined ? '' : `\n${shown}\n`}${next}\nTimes are ${zone.name}.\n`;
}

import { PATHS } from '#shared/api/paths.js';
import type { Announcement, Mentioned } from '../../messaging/announcement.js';
import type { Person } from '../../identity/caller.js';
import type { ApprovalRow } from './approval-rows.js';

/** As MCP has names of tools (Tools, Tool Names). Whatever else a caller chose, a URI above all, is for the page alone. */
const TOOL_NAME = /^[\w./-]{1,128}$/;

type Named = Pick<Person, 'id' | 'email' | 'name'>;
type Told = Pick<ApprovalRow, 'id' | 'server' | 'target' | 'requester'>;

/** That a call waits, for those who can approve it. */
export function requestedAnnouncement(row: Told, groups: readonly (readonly string[])[], record: string): Announcement {
  const who = groups.map((set) => `somebody of ${set.join(' or ')}`).join(' and ');
  const sentence = `${shownOf(row.requester)} asks ${who} to approve a call of ${calledOf(row)} at ${row.server}.`;
  return { kind: 'approval.requested', sentence, ...factsOf(row, record) };
}

/** What came of it. */
export function decidedAnnouncement(
  row: Told,
  approver: Named,
  state: 'approved' | 'refused',
  record: string,
): Announcement {
  const sentence = `${shownOf(approver)} ${state} the call of ${calledOf(row)} at ${row.server} that ${shownOf(row.requester)} asked for.`;
  return { kind: 'approval.decided', sentence, by: mentioned(approver), ...factsOf(row, record) };
}

function factsOf({ id, server, target, requester }: Told, record: string) {
  const path = `${PATHS.approvalsPage}/${id}`;
  const tool = TOOL_NAME.test(target) ? { tool: target } : {};
  return { at: Date.now(), person: mentioned(requester), server, ...tool, path, subject: id, record };
}

function calledOf({ target }: Pick<Told, 'target'>): string {
  return TOOL_NAME.test(target) ? target : 'something that the page names';
}

function mentioned(person: Named): Mentioned {
  return { id: person.id, shown: person.email ?? person.name };
}

function shownOf(person: Named): string {
  return person.email ?? person.name ?? person.id;
}

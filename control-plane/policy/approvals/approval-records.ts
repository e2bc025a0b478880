import type { NewRecord, RecordFacts, RecordPersonal } from '../../audit/record.js';
import { isPlainName } from '../../audit/target-hash.js';
import { personOnRecord } from '../../identity/person-on-record.js';
import type { ApprovalCall, Approver, UsedApproval, Verdict } from './approval.js';
import type { ApprovalRow } from './approval-rows.js';

/** What the audit keeps of approvals: never an argument. */
export function requestRecord(id: string, { person, session, server, target, demand }: ApprovalCall): NewRecord {
  const named = targetOf(target);
  return {
    type: 'approval.request',
    phase: 'event',
    subject: person.id,
    facts: { person: person.id, session, server, ...named.facts, policies: demand.policies, approval: id },
    personal: { ...personOnRecord(person), ...named.personal, reason: demand.reason },
  };
}

export function useRecord({ id }: UsedApproval, { person, session, server, target }: ApprovalCall): NewRecord {
  const named = targetOf(target);
  return {
    type: 'approval.use',
    phase: 'event',
    subject: person.id,
    facts: { person: person.id, session, server, ...named.facts, decision: 'allow', approval: id },
    personal: { ...personOnRecord(person), ...named.personal },
  };
}

export function decideRecord(row: ApprovalRow, approver: Approver, verdict: Verdict, reason: string): NewRecord {
  const { person, session, client, address } = approver;
  const named = targetOf(row.target);
  return {
    type: 'approval.decide',
    phase: 'event',
    subject: person.id,
    facts: {
      person: person.id,
      affected: row.person_id,
      ...(session === undefined ? {} : { session }),
      ...(client === undefined ? {} : { client }),
      server: row.server,
      ...named.facts,
      decision: verdict === 'approve' ? 'allow' : 'deny',
      approval: row.id,
    },
    personal: { ...personOnRecord(person), ...named.personal, address, ...(reason === '' ? {} : { reason }) },
  };
}

/** A URI is the client's own word, which the audit keeps sealed. */
function targetOf(target: string): Record<'facts' | 'personal', Pick<RecordFacts & RecordPersonal, 'target'>> {
  return isPlainName(target) ? { facts: { target }, personal: {} } : { facts: {}, personal: { target } };
}

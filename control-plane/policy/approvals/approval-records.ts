import type { NewRecord, RecordPersonal } from '../../audit/record.js';
import type { Person } from '../../identity/caller.js';
import type { ApprovalCall, Approver, UsedApproval, Verdict } from './approval.js';
import type { ApprovalRow } from './approval-rows.js';

/** What the audit keeps of approvals: never an argument. */
export function requestRecord(id: string, { person, session, server, target, demand }: ApprovalCall): NewRecord {
  return {
    type: 'approval.request',
    phase: 'event',
    subject: person.id,
    facts: { person: person.id, session, server, target, policies: demand.policies, approval: id },
    personal: { ...shownOf(person), reason: demand.reason },
  };
}

export function useRecord({ id }: UsedApproval, { person, session, server, target }: ApprovalCall): NewRecord {
  return {
    type: 'approval.use',
    phase: 'event',
    subject: person.id,
    facts: { person: person.id, session, server, target, decision: 'allow', approval: id },
    personal: shownOf(person),
  };
}

export function decideRecord(row: ApprovalRow, approver: Approver, verdict: Verdict, reason: string): NewRecord {
  const { person, session, client, address } = approver;
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
      target: row.target,
      decision: verdict === 'approve' ? 'allow' : 'deny',
      approval: row.id,
    },
    personal: { ...shownOf(person), address, ...(reason === '' ? {} : { reason }) },
  };
}

function shownOf({ email, name }: Person): RecordPersonal {
  return { ...(email === null ? {} : { email }), ...(name === null ? {} : { name }) };
}

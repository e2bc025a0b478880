import type { AuditEntry } from '#shared/api/audit.js';
import type { ListedPerson } from '#shared/api/person.js';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import type { RecordFacts, RecordPersonal } from '../record.js';
import type { Payload } from './load-payloads.js';

/** One thing that happened, as the API shows it. Everything proved comes from the headers, never from the index. */
export function auditEntry(
  intent: RecordHeader,
  outcome: RecordHeader | undefined,
  payload: Payload,
  people: ReadonlyMap<string, ListedPerson>,
): AuditEntry {
  const facts: RecordFacts = intent.facts;
  const result: RecordFacts = outcome?.facts ?? {};
  const personal: RecordPersonal = payload.state === 'shown' ? payload.personal : {};
  return {
    id: intent.id,
    time: new Date(intent.ts).toISOString(),
    type: intent.type,
    person: personOf(facts.person, payload, people),
    affected: facts.affected === undefined ? null : listed(facts.affected, people),
    client: clientOf(facts.client, personal),
    actors: [...(facts.actors ?? [])],
    server: facts.server ?? null,
    target: personal.target ?? facts.target ?? null,
    decision: facts.decision ?? null,
    policies: [...(facts.policies ?? [])],
    reason: personal.reason ?? null,
    detail: personal.detail ?? null,
    credential: facts.credential ?? result.credential ?? null,
    address: personal.address ?? null,
    session: facts.session ?? null,
    outcome: outcomeOf(intent, outcome),
    duration: durationOf(intent, outcome),
    payload: payload.state,
  };
}

function personOf(
  id: string | undefined,
  payload: Payload,
  people: ReadonlyMap<string, ListedPerson>,
): AuditEntry['person'] {
  if (id === undefined) return null;
  if (payload.state === 'erased') return { id, email: null, name: null };
  const then: RecordPersonal = payload.state === 'shown' ? payload.personal : {};
  const now = listed(id, people);
  return { id, email: then.email ?? now.email, name: then.name ?? now.name };
}

/** How the persons table knows someone today. */
function listed(id: string, people: ReadonlyMap<string, ListedPerson>): ListedPerson {
  return people.get(id) ?? { id, email: null, name: null };
}

function clientOf(id: string | undefined, { claimedClient }: RecordPersonal): AuditEntry['client'] {
  if (id === undefined) return null;
  return { id, claimedName: claimedClient?.name ?? null, claimedVersion: claimedClient?.version ?? null };
}

/** An unknown outcome may have been recorded at the next start, so the time between says nothing. */
function durationOf(intent: RecordHeader, outcome: RecordHeader | undefined): number | null {
  if (outcome === undefined) return null;
  const facts: RecordFacts = outcome.facts;
  return facts.durationMs ?? (facts.outcome === 'unknown' ? null : outcome.ts - intent.ts);
}

/** A call that was let through and has no outcome is still open, or we were killed under it: nobody knows. */
function outcomeOf(intent: RecordHeader, outcome: RecordHeader | undefined): AuditEntry['outcome'] {
  const facts: RecordFacts = (outcome ?? intent).facts;
  if (facts.outcome !== undefined) return facts.outcome;
  const called = intent.phase === 'intent' && (intent.facts as RecordFacts).decision === 'allow';
  return called ? 'unknown' : null;
}

import type { HoldScope } from '../../audit/legal-holds/legal-hold.js';
import type { AuditWriter, NewRecord, RecordFacts } from '../../audit/record.js';
import { asCoded } from '#shared/errors.js';
import { actorOf, type Actor } from '../actor.js';

/** What is done to a hold, and why: its name, or the reason of its release. */
export interface HoldChange {
  readonly type: 'hold.create' | 'hold.release';
  readonly id: string;
  readonly scope: HoldScope;
  readonly reason: string;
}

/** Does it, on record before and after. Throws `audit_unavailable` before anything has happened; what has happened stays. */
export async function onRecord<T>(
  audit: AuditWriter,
  actor: Actor,
  change: HoldChange,
  step: () => Promise<T>,
): Promise<T> {
  const { id: ref } = await audit.write(recordOf(actor, change, 'intent', { decision: 'allow' }));
  const conclude = (more: RecordFacts): Promise<unknown> =>
    audit.write({ ...recordOf(actor, change, 'outcome', more), ref }).catch(() => undefined);
  try {
    const result = await step();
    await conclude({ outcome: 'ok' });
    return result;
  } catch (error) {
    await conclude({ outcome: 'error', code: asCoded(error).code });
    throw error;
  }
}

/** The server stands in the text alone: else who holds a server's records would have one of them. */
function recordOf(
  actor: Actor,
  { type, id, scope, reason }: HoldChange,
  phase: NewRecord['phase'],
  more: RecordFacts,
): NewRecord {
  const { subject, facts, personal } = actorOf(actor);
  const affected = scope.person === null ? {} : { affected: scope.person };
  return {
    type,
    phase,
    subject,
    facts: { ...facts, ...affected, target: id, ...more },
    personal: { ...personal, reason, detail: coverage(scope) },
  };
}

function coverage({ person, server, from, to }: HoldScope): string {
  const parts = [
    ...(person === null ? [] : [`person ${person}`]),
    ...(server === null ? [] : [`server ${server}`]),
    ...(from === null ? [] : [`from ${new Date(from).toISOString()}`]),
    ...(to === null ? [] : [`to ${new Date(to).toISOString()}`]),
  ];
  return parts.length === 0 ? 'everything' : parts.join(', ');
}

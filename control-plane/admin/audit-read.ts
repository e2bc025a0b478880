import { asCoded } from '#shared/errors.js';
import type { AuditWriter, NewRecord } from '../audit/record.js';
import { actorOf, type Actor } from './actor.js';

/** The record that someone is about to read the audit; `filters` is what they asked for. */
export function auditRead(actor: Actor, filters: object): NewRecord {
  const { subject, facts, personal } = actorOf(actor);
  return {
    type: 'audit.read',
    phase: 'event',
    subject,
    facts,
    personal: { ...personal, detail: JSON.stringify(filters) },
  };
}

/** What `judge` returns; where it throws, the read that it refuses is on record first. */
export async function judgeAuditRead<T>(
  audit: AuditWriter,
  { actor, filters }: { readonly actor: Actor; readonly filters: object },
  judge: () => T,
): Promise<T> {
  try {
    return judge();
  } catch (refused) {
    const { facts, ...read } = auditRead(actor, filters);
    await audit.write({ ...read, facts: { ...facts, decision: 'deny', code: asCoded(refused).code } });
    throw refused;
  }
}

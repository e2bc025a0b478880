import type { NewRecord } from '../audit/record.js';
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

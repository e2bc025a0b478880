import type { NewRecord } from '../audit/record.js';
import type { Caller } from '../identity/caller.js';

/** The record that someone is about to read the audit; `filters` is what they asked for. */
export function auditRead({ session }: Caller, address: string, filters: object): NewRecord {
  const { person } = session;
  return {
    type: 'audit.read',
    phase: 'event',
    subject: person.id,
    facts: { person: person.id, session: session.id, client: session.clientId },
    personal: {
      ...(person.email === null ? {} : { email: person.email }),
      ...(person.name === null ? {} : { name: person.name }),
      address,
      detail: JSON.stringify(filters),
    },
  };
}

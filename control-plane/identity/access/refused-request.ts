import type { NewRecord } from '../../audit/record.js';
import type { Caller } from '../caller.js';
import { signedInOnRecord, signInFacts } from '../person-on-record.js';

/** Where a request came from, and the route that it asked for, with names in place of ids. */
interface Refused {
  readonly address: string;
  readonly route: string;
}

/** The record that somebody who is signed in asked for what none of their roles lets them have. */
export function refusedRequest({ session }: Caller, { address, route }: Refused): NewRecord {
  const { person, id, clientId } = session;
  return {
    type: 'admin.refused',
    phase: 'event',
    subject: person.id,
    facts: {
      person: person.id,
      session: id,
      client: clientId,
      ...signInFacts(session),
      target: route,
      decision: 'deny',
      code: 'role_missing',
    },
    personal: {
      ...signedInOnRecord(session),
      address,
    },
  };
}

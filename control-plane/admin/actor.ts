import type { NewRecord } from '../audit/record.js';
import type { Caller } from '../identity/caller.js';
import { signedInOnRecord, signInFacts } from '../identity/person-on-record.js';

/** Who administers, and from which address. */
export interface Actor {
  readonly caller: Caller;
  readonly address: string;
}

/** What every record of the admin API says of the one who acts. */
export function actorOf({ caller, address }: Actor): Pick<NewRecord, 'subject' | 'facts' | 'personal'> {
  const { person, id, clientId } = caller.session;
  return {
    subject: person.id,
    facts: { person: person.id, session: id, client: clientId, ...signInFacts(caller.session) },
    personal: { ...signedInOnRecord(caller.session), address },
  };
}

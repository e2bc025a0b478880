import type { NewRecord } from '../audit/record.js';
import type { Caller } from '../identity/caller.js';

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
    facts: { person: person.id, session: id, client: clientId },
    personal: {
      ...(person.email === null ? {} : { email: person.email }),
      ...(person.name === null ? {} : { name: person.name }),
      address,
    },
  };
}

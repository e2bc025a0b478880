import type { NewRecord } from '../../audit/record.js';
import type { Person } from '../../identity/caller.js';
import { personOnRecord } from '../../identity/person-on-record.js';
import type { Connection, ConnectionCall, EndedBy } from './connection.js';

/** What the audit keeps of connections: never a token. */
export function requestRecord(id: string, { person, session, server, by }: ConnectionCall): NewRecord {
  return {
    type: 'connection.request',
    phase: 'event',
    subject: person.id,
    facts: {
      person: person.id,
      ...(session === null ? {} : { session }),
      ...(by === null ? {} : { client: by.client }),
      server,
      connection: id,
    },
    personal: {
      ...personOnRecord(person),
      ...(by === null ? {} : { address: by.address }),
      ...(by === null || by.device === null ? {} : { device: by.device }),
    },
  };
}

export function makeRecord({ id, server, issuer, scopes }: Connection, person: Person): NewRecord {
  return {
    type: 'connection.make',
    phase: 'event',
    subject: person.id,
    facts: { person: person.id, server, connection: id },
    personal: { ...personOnRecord(person), detail: [issuer, ...scopes].join(' ') },
  };
}

/** The control plane has renewed the access token. */
export function refreshRecord({ id, person, server }: Pick<Connection, 'id' | 'person' | 'server'>): NewRecord {
  const facts = { person, server, connection: id };
  return { type: 'connection.refresh', phase: 'event', subject: person, facts, personal: {} };
}

/** The authorization server gives no more tokens for it. */
export function refuseRecord(
  { id, person, server }: Pick<Connection, 'id' | 'person' | 'server'>,
  reason: string,
): NewRecord {
  const facts = { person, server, connection: id, code: 'connection_refused' };
  return { type: 'connection.refuse', phase: 'event', subject: person, facts, personal: { reason } };
}

export function endRecord({ id, person: affected, server }: Connection, by: EndedBy): NewRecord {
  return {
    type: 'connection.end',
    phase: 'event',
    subject: by.person ?? affected,
    facts: {
      ...(by.person === undefined ? {} : { person: by.person }),
      affected,
      ...(by.session === undefined ? {} : { session: by.session }),
      ...(by.client === undefined ? {} : { client: by.client }),
      server,
      connection: id,
    },
    personal: { ...by.personal, reason: by.reason },
  };
}

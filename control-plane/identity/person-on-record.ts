import type { RecordFacts, RecordPersonal } from '../audit/record.js';
import type { Person, Session } from './caller.js';

/** Who somebody is, as every record that is theirs says it: the identity is issuer and subject, the rest is how people call it. */
export function personOnRecord({ issuer, subject, email, name }: Person): RecordPersonal {
  return { issuer, subject, ...(email === null ? {} : { email }), ...(name === null ? {} : { name }) };
}

/** The same with the provider's own session, by which its log can be laid beside ours. */
export function signedInOnRecord({ person, idpSession }: Pick<Session, 'person' | 'idpSession'>): RecordPersonal {
  return { ...personOnRecord(person), ...(idpSession === null ? {} : { idpSession }) };
}

/** How the sign-in was proved, as the identity provider said. */
export function signInFacts({
  acr,
  amr,
  authTime,
  managedDevice,
}: Pick<Session, 'acr' | 'amr' | 'authTime' | 'managedDevice'>): RecordFacts {
  return {
    ...(acr === null ? {} : { acr }),
    ...(amr.length === 0 ? {} : { amr }),
    ...(authTime === 0 ? {} : { authTime }),
    ...(managedDevice ? { managedDevice: 'yes' } : {}),
  };
}

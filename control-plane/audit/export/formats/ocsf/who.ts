import { isIP } from 'node:net';
import type { RecordFacts, RecordPersonal } from '../../../record.js';
import { PRODUCT } from './classes.js';

/** `email_t` of the dictionary. */
const EMAIL = /^[a-zA-Z0-9!#$%&'*+-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/;

/** Who did it: the person, their session and the client that they used; else the product itself. */
export function actorOf(facts: RecordFacts, personal: RecordPersonal): object {
  const { person, session, client, policies = [], decision } = facts;
  const app = personal.claimedClient?.name;
  return {
    ...(person === undefined ? {} : { user: userOf(person, personal) }),
    ...(session === undefined ? {} : { session: { uid: session } }),
    ...(client === undefined ? {} : { app_uid: client }),
    ...(app === undefined ? {} : { app_name: app }),
    ...(policies.length === 0 ? {} : { authorizations: policies.map((uid) => ({ policy: { uid }, decision })) }),
    ...(person === undefined && client === undefined ? { app_name: PRODUCT.name } : {}),
  };
}

/** The person whom it was done to: another than the one who did it, where the record names one. */
export function affectedUser({ person, affected }: RecordFacts, personal: RecordPersonal): object {
  if (affected !== undefined && affected !== person) return { uid: affected };
  const uid = affected ?? person;
  return uid === undefined ? { name: 'unknown', type_id: 0, type: 'Unknown' } : userOf(uid, personal);
}

/** Where the request came from. */
export function sourceOf({ address }: RecordPersonal): object {
  return address !== undefined && isIP(address) !== 0 ? { ip: address } : { name: 'unknown' };
}

function userOf(uid: string, { email, name, groups = [] }: RecordPersonal): object {
  const shown = email ?? name;
  return {
    uid,
    ...(shown === undefined ? {} : { name: shown }),
    ...(email === undefined || !EMAIL.test(email) ? {} : { email_addr: email }),
    ...(name === undefined ? {} : { full_name: name }),
    ...(groups.length === 0 ? {} : { groups: groups.map((group) => ({ name: group })) }),
  };
}

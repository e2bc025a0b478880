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
    ...(session === undefined ? {} : { session: sessionOf(session, personal) }),
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

/** Where the request came from; `uid` is the key of the installation that proved itself. */
export function sourceOf({ deviceKey }: RecordFacts, { address, port }: RecordPersonal): object {
  return {
    ...(address !== undefined && isIP(address) !== 0 ? { ip: address } : { name: 'unknown' }),
    ...(port === undefined ? {} : { port }),
    ...(deviceKey === undefined ? {} : { uid: deviceKey }),
  };
}

/** The server that the call goes to, where it has an address. */
export function destinationOf({ serverHost }: RecordFacts): object {
  if (serverHost === undefined) return {};
  const url = URL.parse(`http://${serverHost}`);
  if (url === null) return {};
  const { hostname, port } = url;
  return { dst_endpoint: { hostname, ...(port === '' ? {} : { port: Number(port) }) } };
}

/** Our sign-in, and the provider's own beside it. */
export function sessionOf(uid: string, { issuer, idpSession }: RecordPersonal): object {
  return {
    uid,
    ...(issuer === undefined ? {} : { issuer }),
    ...(idpSession === undefined ? {} : { uid_alt: idpSession }),
  };
}

function userOf(uid: string, { subject, email, name, groups = [] }: RecordPersonal): object {
  const shown = email ?? name;
  return {
    uid,
    ...(subject === undefined ? {} : { uid_alt: subject }),
    ...(shown === undefined ? {} : { name: shown }),
    ...(email === undefined || !EMAIL.test(email) ? {} : { email_addr: email }),
    ...(name === undefined ? {} : { full_name: name }),
    ...(groups.length === 0 ? {} : { groups: groups.map((group) => ({ name: group })) }),
  };
}

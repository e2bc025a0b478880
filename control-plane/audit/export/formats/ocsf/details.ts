import type { RecordFacts, RecordPersonal } from '../../../record.js';
import {
  API_ACTIVITY,
  APPLICATION_LIFECYCLE,
  AUTHENTICATION,
  ENTITY_MANAGEMENT,
  GROUP_MANAGEMENT,
  OTHER,
  PRODUCT,
  USER_ACCESS,
} from './classes.js';
import { targetOf } from '../../target-of.js';
import { affectedUser, destinationOf, sessionOf } from './who.js';

interface Matter {
  readonly id: string;
  readonly type: string;
  readonly facts: RecordFacts;
  readonly personal: RecordPersonal;
}

/** What each class requires beside what all have, by its `class_uid`. */
export const DETAILS: Readonly<Record<number, (matter: Matter) => object>> = {
  [API_ACTIVITY.uid]: ({ id, type, facts, personal }) => ({
    api: apiOf(id, type, facts, personal),
    ...destinationOf(facts),
  }),
  [APPLICATION_LIFECYCLE.uid]: () => ({ app: PRODUCT }),
  [AUTHENTICATION.uid]: ({ facts, personal }) => ({
    user: affectedUser(facts, personal),
    service: { name: PRODUCT.name },
    ...(facts.session === undefined ? {} : { session: sessionOf(facts.session, personal) }),
  }),
  [ENTITY_MANAGEMENT.uid]: ({ type, facts, personal }) => ({ entity: entityOf(type, facts, personal) }),
  [GROUP_MANAGEMENT.uid]: ({ facts, personal }) => ({
    group: { uid: facts.target ?? 'unknown', ...(personal.name === undefined ? {} : { name: personal.name }) },
  }),
  [USER_ACCESS.uid]: ({ facts, personal }) => ({
    user: affectedUser(facts, personal),
    privileges: [[facts.server ?? '*', facts.target ?? '*'].join('/')],
  }),
};

function apiOf(id: string, type: string, facts: RecordFacts, personal: RecordPersonal): object {
  const { server, status, code } = facts;
  const answer = {
    ...(status === undefined ? {} : { code: status }),
    ...(code === undefined ? {} : { error: code }),
    ...(personal.result === undefined ? {} : { data: jsonIn(personal.result) }),
  };
  return {
    operation: targetOf(facts, personal) ?? type,
    group: { name: type },
    ...(server === undefined ? {} : { service: { uid: server, name: server } }),
    request: {
      uid: personal.requestId ?? id,
      ...(personal.arguments === undefined ? {} : { data: jsonIn(personal.arguments) }),
    },
    ...(Object.keys(answer).length === 0 ? {} : { response: answer }),
  };
}

function entityOf(type: string, facts: RecordFacts, personal: RecordPersonal): object {
  const kind = type.slice(0, type.indexOf('.'));
  const { connection, approval, grant, credential, catalogRevision, server } = facts;
  const uid = connection ?? approval ?? grant ?? targetOf(facts, personal) ?? credential ?? catalogRevision ?? server;
  const name = personal.name ?? personal.detail;
  if (type === 'scim.user')
    return { uid: String(uid), type_id: 2, type: 'User', ...(name === undefined ? {} : { name }) };
  return { uid: String(uid ?? kind), type_id: OTHER, type: kind, ...(server === undefined ? {} : { name: server }) };
}

/** A text that was cut off is no JSON any more. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

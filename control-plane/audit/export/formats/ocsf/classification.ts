import type { RecordPersonal, RecordType } from '../../../record.js';
import type { ExportedRecord } from '../../exported-record.js';
import {
  API_ACTIVITY,
  APPLICATION_LIFECYCLE,
  AUTHENTICATION,
  ENTITY_MANAGEMENT,
  GROUP_MANAGEMENT,
  OTHER,
  USER_ACCESS,
  type OcsfClass,
} from './classes.js';

type Activity = number | ((personal: RecordPersonal) => number);

/** What a call does, as the policy that judged it read it: `policy/recorded-input.ts`. */
const EFFECTS: Readonly<Record<string, number>> = { read: 2, write: 3, destroy: 4 };
const USER_ACTIONS: Readonly<Record<string, number>> = { create: 1, change: 3, delete: 4, activate: 8, deactivate: 9 };
const GROUP_ACTIONS: Readonly<Record<string, number>> = { create: 6, delete: 5 };

const CLASSES: Readonly<Partial<Record<RecordType, readonly [OcsfClass, Activity]>>> = {
  'tool.call': [API_ACTIVITY, ({ policyInput }) => EFFECTS[effectIn(policyInput)] ?? OTHER],
  'resource.read': [API_ACTIVITY, 2],
  'prompt.get': [API_ACTIVITY, 2],
  'method.use': [API_ACTIVITY, OTHER],
  list: [API_ACTIVITY, 2],
  'audit.read': [API_ACTIVITY, 2],
  'server.output-read': [API_ACTIVITY, 2],
  'connection.read': [API_ACTIVITY, 2],
  'policy.replay': [API_ACTIVITY, 2],
  'auth.sign-in': [AUTHENTICATION, 1],
  'auth.break-glass': [AUTHENTICATION, 1],
  'auth.refused': [AUTHENTICATION, 1],
  'auth.sign-out': [AUTHENTICATION, 2],
  'auth.session-ended': [AUTHENTICATION, 2],
  'auth.revocation': [AUTHENTICATION, 2],
  'auth.grace': [AUTHENTICATION, OTHER],
  'session.end': [AUTHENTICATION, 2],
  'audit.expire': [ENTITY_MANAGEMENT, 4],
  'session.disown': [AUTHENTICATION, 2],
  'person.erase': [ENTITY_MANAGEMENT, 4],
  'hold.create': [ENTITY_MANAGEMENT, 1],
  'hold.release': [ENTITY_MANAGEMENT, 4],
  'grant.give': [USER_ACCESS, 1],
  'grant.end': [USER_ACCESS, 2],
  'scim.group': [GROUP_MANAGEMENT, ({ reason = '' }) => GROUP_ACTIONS[reason] ?? OTHER],
  'scim.user': [ENTITY_MANAGEMENT, ({ reason = '' }) => USER_ACTIONS[reason] ?? OTHER],
  'secret.set': [ENTITY_MANAGEMENT, 3],
  'secret.retire': [ENTITY_MANAGEMENT, 11],
  'key.rewrap': [ENTITY_MANAGEMENT, 3],
  'signing-key.rotate': [ENTITY_MANAGEMENT, 3],
  'connection.request': [ENTITY_MANAGEMENT, OTHER],
  'connection.make': [ENTITY_MANAGEMENT, 1],
  'connection.refuse': [ENTITY_MANAGEMENT, 11],
  'connection.refresh': [ENTITY_MANAGEMENT, 3],
  'connection.end': [ENTITY_MANAGEMENT, 4],
  'connection.revoke': [ENTITY_MANAGEMENT, 4],
  'catalog.activate': [ENTITY_MANAGEMENT, 10],
  'catalog.refuse': [ENTITY_MANAGEMENT, 10],
  'config.change': [ENTITY_MANAGEMENT, 3],
  'approval.request': [ENTITY_MANAGEMENT, 1],
  'approval.decide': [ENTITY_MANAGEMENT, 3],
  'approval.use': [ENTITY_MANAGEMENT, OTHER],
  'grant.request': [ENTITY_MANAGEMENT, 1],
  'grant.refuse': [ENTITY_MANAGEMENT, 3],
  'grant.review': [ENTITY_MANAGEMENT, 3],
  'review.hold': [ENTITY_MANAGEMENT, 12],
  'review.decide': [ENTITY_MANAGEMENT, 3],
  'policy.candidate': [ENTITY_MANAGEMENT, 1],
  'system.start': [APPLICATION_LIFECYCLE, 3],
  'system.stop': [APPLICATION_LIFECYCLE, 4],
  'system.resume': [APPLICATION_LIFECYCLE, OTHER],
};

/** A type that has no class of its own is an activity of the API. */
export function classify({ header, personal }: ExportedRecord): { of: OcsfClass; activity: number } {
  const [of, activity] = (Object.hasOwn(CLASSES, header.type) && CLASSES[header.type as RecordType]) || [
    API_ACTIVITY,
    OTHER,
  ];
  return { of, activity: typeof activity === 'number' ? activity : activity(personal) };
}

function effectIn(policyInput: string | undefined): string {
  const [, effect = ''] = /"target":\{[^{}]*"effect":"([a-z]+)"/.exec(policyInput ?? '') ?? [];
  return effect;
}

/** What `audit.retention` tells apart: a kind is kept for as long as its settings say. */
export const RECORD_KINDS = ['calls', 'lists', 'identity', 'administration'] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** Every type of record and its kind; `control-plane/audit/record.ts` does not compile with one that is missing here. */
export const KIND_OF_TYPE = {
  'tool.call': 'calls',
  'resource.read': 'calls',
  'prompt.get': 'calls',
  'method.use': 'calls',
  list: 'lists',
  'auth.sign-in': 'identity',
  'auth.sign-out': 'identity',
  'auth.refused': 'identity',
  'auth.session-ended': 'identity',
  'auth.revocation': 'identity',
  'auth.grace': 'identity',
  'auth.break-glass': 'identity',
  'scim.user': 'identity',
  'scim.group': 'identity',
  'session.end': 'identity',
  'session.disown': 'identity',
  'connection.request': 'identity',
  'connection.make': 'identity',
  'connection.refuse': 'identity',
  'connection.refresh': 'identity',
  'connection.end': 'identity',
  'connection.revoke': 'identity',
  'connection.read': 'administration',
  'audit.read': 'administration',
  'audit.expire': 'administration',
  'admin.refused': 'administration',
  'server.output-read': 'administration',
  'person.erase': 'administration',
  'hold.create': 'administration',
  'hold.release': 'administration',
  'secret.set': 'administration',
  'secret.retire': 'administration',
  'key.rewrap': 'administration',
  'signing-key.rotate': 'administration',
  'catalog.activate': 'administration',
  'catalog.refuse': 'administration',
  'config.change': 'administration',
  'approval.request': 'administration',
  'approval.decide': 'administration',
  'approval.use': 'administration',
  'grant.request': 'administration',
  'grant.give': 'administration',
  'grant.refuse': 'administration',
  'grant.end': 'administration',
  'grant.review': 'administration',
  'review.hold': 'administration',
  'review.decide': 'administration',
  'policy.candidate': 'administration',
  'policy.replay': 'administration',
  'system.start': 'administration',
  'system.resume': 'administration',
  'system.stop': 'administration',
} as const satisfies Readonly<Record<string, RecordKind>>;

const KINDS: ReadonlyMap<string, RecordKind> = new Map(Object.entries(KIND_OF_TYPE));

/** The kind of a record, by its type. One that nobody knows any more is kept as long as what administrators do. */
export function kindOf(type: string): RecordKind {
  return KINDS.get(type) ?? 'administration';
}

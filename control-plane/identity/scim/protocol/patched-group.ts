import type { PatchOperation } from './patch-operations.js';
import { ScimError } from './scim-error.js';

/** A group without its id; members are ids of users. */
export interface GroupState {
  readonly displayName: string;
  readonly externalId: string | null;
  readonly members: ReadonlySet<string>;
}

/**
 * A group after a PATCH. Members are a set and not a list of objects: what is to go is found by `value` alone, whatever
 * else the client says of it. Throws a ScimError.
 */
export function patchedGroup(group: GroupState, operations: readonly PatchOperation[]): GroupState {
  return operations.reduce(applied, group);
}

function applied(group: GroupState, { op, path, value }: PatchOperation): GroupState {
  const { name } = path.attribute;
  if (name === 'members') return { ...group, members: membersAfter(group.members, { op, path, value }) };
  const text = op === 'remove' || typeof value !== 'string' ? null : value;
  if (name === 'externalId') return { ...group, externalId: text };
  if (text === null) throw new ScimError(400, 'A group needs its displayName.', 'invalidValue');
  return { ...group, displayName: text };
}

function membersAfter(members: ReadonlySet<string>, { op, path, value }: PatchOperation): ReadonlySet<string> {
  if (path.where.length > 0) return filtered(members, op, path.where);
  if (path.part) throw new ScimError(400, 'Members are changed as a whole.', 'mutability');
  if (op === 'remove') return value === undefined ? new Set() : without(members, memberIds(value));
  return op === 'add' ? new Set([...members, ...memberIds(value)]) : memberIds(value);
}

/** `members[value eq "…"]`. */
function filtered(
  members: ReadonlySet<string>,
  op: PatchOperation['op'],
  where: PatchOperation['path']['where'],
): ReadonlySet<string> {
  const [term, ...more] = where;
  if (op !== 'remove' || term?.path !== 'value' || more.length > 0) {
    throw new ScimError(400, 'Of members only “remove” takes a filter, and that by value.', 'invalidFilter');
  }
  return without(members, new Set([term.value]));
}

/** The `value` of each member; whatever else is said of them is ours to know. */
export function memberIds(value: unknown): ReadonlySet<string> {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const ids = values.map((member) =>
    typeof member === 'object' && member !== null && 'value' in member ? member.value : undefined,
  );
  return new Set(ids.filter((id) => typeof id === 'string'));
}

function without(members: ReadonlySet<string>, gone: ReadonlySet<unknown>): ReadonlySet<string> {
  return new Set([...members].filter((id) => !gone.has(id)));
}

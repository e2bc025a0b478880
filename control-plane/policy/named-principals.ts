import { TYPES } from './names.js';

/** The people and groups that policies name. Cedar cannot make an entity out of data, so they tell nobody else apart. */
export interface NamedPrincipals {
  readonly people: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** Of a policy's JSON form: wherever an entity stands in it (scope, condition, set, record), it is an object of type and id. */
export function collectPrincipals(json: unknown): NamedPrincipals {
  const named = { people: new Set<string>(), groups: new Set<string>() };
  collect(json, named);
  return named;
}

function collect(json: unknown, named: { readonly people: Set<string>; readonly groups: Set<string> }): void {
  if (typeof json !== 'object' || json === null) return;
  const { type, id } = json as { type?: unknown; id?: unknown };
  if (typeof id === 'string' && type === TYPES.user) named.people.add(id);
  if (typeof id === 'string' && type === TYPES.group) named.groups.add(id);
  for (const part of Object.values(json)) collect(part, named);
}

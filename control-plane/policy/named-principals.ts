import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyInput } from './decision.js';
import { TYPES } from './names.js';

/** The people and groups that policies name. Cedar cannot make an entity out of data, so they tell nobody else apart. */
export interface NamedPrincipals {
  readonly people: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** Policies (texts by id) that Cedar cannot read name nobody: they are never loaded. */
export function namedPrincipals(texts: Readonly<Record<string, string>>): NamedPrincipals {
  const named = { people: new Set<string>(), groups: new Set<string>() };
  for (const text of Object.values(texts)) {
    const parsed = policyToJson(text);
    if (parsed.type === 'success') collect(parsed.json, named);
  }
  return named;
}

/** What of a person these policies can read: two people of whom it is the same get the same decisions. */
export function readable(
  { people, groups }: NamedPrincipals,
  person: PolicyInput['person'],
): { readonly id: string | null; readonly groups: readonly string[] } {
  return { id: people.has(person.id) ? person.id : null, groups: person.groups.filter((group) => groups.has(group)) };
}

/** Wherever an entity stands in a policy's JSON form (scope, condition, set, record), it is an object of type and id. */
function collect(json: unknown, named: { readonly people: Set<string>; readonly groups: Set<string> }): void {
  if (typeof json !== 'object' || json === null) return;
  const { type, id } = json as { type?: unknown; id?: unknown };
  if (typeof id === 'string' && type === TYPES.user) named.people.add(id);
  if (typeof id === 'string' && type === TYPES.group) named.groups.add(id);
  for (const part of Object.values(json)) collect(part, named);
}

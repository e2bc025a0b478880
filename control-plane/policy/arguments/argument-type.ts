import type { Type } from '@cedar-policy/cedar-wasm/nodejs';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';

/** What policies can read of an argument, as plain data. */
export type ArgumentType =
  | { readonly kind: 'string' | 'long' | 'decimal' | 'boolean' }
  | { readonly kind: 'set'; readonly element: ArgumentType }
  | { readonly kind: 'record'; readonly members: readonly Member[] };

export interface Member {
  readonly name: string;
  /** Undefined for one that the definition names and policies cannot read. */
  readonly type: ArgumentType | undefined;
  readonly required: boolean;
}

/** Levels of lists and objects in each other. */
const DEEPEST = 4;
/** Members of one tool's arguments, over all levels. Definitions come from servers. */
const MOST_MEMBERS = 500;
/** Cedar's JSON takes these for references and calls; the last is what JavaScript takes for something else. */
const RESERVED = new Set(['__entity', '__extn', '__expr', '__proto__']);
const SCALARS = { string: 'string', integer: 'long', number: 'decimal', boolean: 'boolean' } as const;

/** The arguments that a tool's `inputSchema` (JSON Schema) names, with their types. */
export function argumentsIn(inputSchema: JsonObject): readonly Member[] {
  return membersOf(inputSchema, { root: inputSchema, depth: 0, budget: { left: MOST_MEMBERS } });
}

/** The same type in Cedar's schema. A member is never certain: a server need not check what its definition demands. */
export function cedarType(type: ArgumentType): Type<string> {
  if (type.kind === 'set') return { type: 'Set', element: cedarType(type.element) };
  if (type.kind === 'record') return cedarRecord(type.members);
  if (type.kind === 'decimal') return { type: 'Extension', name: 'decimal' };
  return { type: ({ string: 'String', long: 'Long', boolean: 'Boolean' } as const)[type.kind] };
}

export function cedarRecord(members: readonly Member[]): Type<string> & { type: 'Record' } {
  const attributes = members.flatMap(({ name, type }) =>
    type === undefined ? [] : [[name, { ...cedarType(type), required: false }] as const],
  );
  return { type: 'Record', attributes: Object.fromEntries(attributes) };
}

interface Place {
  /** Where `$ref` starts from. */
  readonly root: JsonObject;
  readonly depth: number;
  readonly budget: { left: number };
}

function membersOf({ properties, required }: JsonObject, place: Place): readonly Member[] {
  const demanded = new Set(Array.isArray(required) ? required : []);
  return Object.entries(isObject(properties) ? properties : {}).map(([name, schema]) => {
    place.budget.left -= 1;
    const readable = place.budget.left >= 0 && !RESERVED.has(name) && name.isWellFormed();
    return { name, type: readable ? typeOf(schema, place) : undefined, required: demanded.has(name) };
  });
}

function typeOf(schema: unknown, place: Place): ArgumentType | undefined {
  if (!isObject(schema) || place.depth > DEEPEST) return undefined;
  const deeper = { ...place, depth: place.depth + 1 };
  const name = typeName(schema);
  if (name === undefined) return typeOf(standIn(schema, place.root), deeper);
  if (name === 'array') return setOf(typeOf(schema['items'], deeper));
  if (name === 'object') return recordOf(membersOf(schema, deeper));
  return Object.hasOwn(SCALARS, name) ? { kind: SCALARS[name as keyof typeof SCALARS] } : undefined;
}

/** The one type beside `null`, which is the same as absent. */
function typeName({ type, enum: values }: JsonObject): string | undefined {
  const names = (Array.isArray(type) ? type : [type]).filter((name) => name !== 'null');
  const [only] = names;
  if (names.length === 1 && typeof only === 'string') return only;
  const texts = type === undefined && Array.isArray(values) && values.length > 0;
  return texts && values.every((value) => typeof value === 'string') ? 'string' : undefined;
}

/** What a schema without a type stands for: a definition of the same document, or its only alternative to `null`. */
function standIn({ $ref: reference, anyOf, oneOf, allOf }: JsonObject, root: JsonObject): unknown {
  if (typeof reference === 'string') return definitionAt(reference, root);
  const alternatives = [anyOf, oneOf, allOf].find(Array.isArray) ?? [];
  const others = alternatives.filter((one) => !isObject(one) || one['type'] !== 'null');
  return others.length === 1 ? others[0] : undefined;
}

function definitionAt(reference: string, root: JsonObject): unknown {
  const [, keyword, name] = /^#\/(\$defs|definitions)\/([^/~%]+)$/.exec(reference) ?? [];
  const definitions = keyword === undefined ? undefined : root[keyword];
  return isObject(definitions) && name !== undefined && Object.hasOwn(definitions, name)
    ? definitions[name]
    : undefined;
}

function setOf(element: ArgumentType | undefined): ArgumentType | undefined {
  return element && { kind: 'set', element };
}

function recordOf(members: readonly Member[]): ArgumentType | undefined {
  return members.some(({ type }) => type !== undefined) ? { kind: 'record', members } : undefined;
}

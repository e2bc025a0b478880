import {
  attributesOf,
  constraintsOf,
  definitionsIn,
  schemaFile,
  type Attribute,
  type Attributes,
  type Definition,
} from './attributes.js';

interface Dictionary {
  readonly attributes: Attributes;
  readonly types: { readonly attributes: Readonly<Record<string, DictionaryType>> };
}

interface DictionaryType {
  readonly type?: string;
  readonly regex?: string;
  readonly max_len?: number;
  readonly range?: readonly [number, number];
  readonly values?: readonly unknown[];
}

type JsonSchema = boolean | Readonly<Record<string, unknown>>;

/** What the compiler of the schema computes: https://schema.ocsf.io/doc, "type_uid". */
const COMPUTED = new Set(['category_uid', 'class_uid', 'type_uid']);

/** What a type of the dictionary is built on. */
const PRIMITIVES: Readonly<Record<string, JsonSchema>> = {
  string_t: { type: 'string' },
  integer_t: { type: 'integer' },
  long_t: { type: 'integer' },
  float_t: { type: 'number' },
  boolean_t: { type: 'boolean' },
  json_t: true,
};

/** JSON Schema of one event class under `profiles`. Attributes that neither the class nor a profile has are refused. */
export async function compileClass(name: string, profiles: readonly string[]): Promise<object> {
  const [dictionary, events, objects, categories] = await Promise.all([
    schemaFile<Dictionary>('dictionary.json'),
    definitionsIn('events'),
    definitionsIn('objects'),
    schemaFile<{ attributes: Record<string, { uid: number }> }>('categories.json'),
  ]);
  const compile = async (attributes: Attributes, constraints: Definition['constraints']): Promise<JsonSchema> => {
    const present = Object.entries(attributes)
      .filter(([, { profile }]) => !profile || profiles.includes(profile))
      .map(([key, attribute]) => [key, completed(key, attribute, dictionary)] as const);
    return {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(present.map(([key, attribute]) => [key, valueOf(attribute, dictionary)])),
      required: present.filter(([, { requirement }]) => requirement === 'required').map(([key]) => key),
      ...(constraints?.at_least_one ? { anyOf: constraints.at_least_one.map((key) => ({ required: [key] })) } : {}),
      ...(constraints?.just_one ? { oneOf: constraints.just_one.map((key) => ({ required: [key] })) } : {}),
    };
  };
  const $defs: Record<string, JsonSchema> = {};
  for (const type of objectTypes(dictionary)) {
    // `object` is the one that may hold anything; one without a file is one that we never write.
    if (!objects.has(type)) $defs[type] = false;
    else if (type === 'object') $defs[type] = { type };
    else $defs[type] = await compile(await attributesOf(type, objects), constraintsOf(type, objects));
  }
  const attributes = await attributesOf(name, events);
  const event = await compile(attributes, constraintsOf(name, events));
  const category = categories.attributes[categoryOf(name, events)]!.uid;
  const uid = category * 1000 + events.get(name)!.uid!;
  const ofActivity = Object.keys(attributes['activity_id']!.enum!).map((id) => ({
    properties: { activity_id: { const: Number(id) }, type_uid: { const: uid * 100 + Number(id) } },
  }));
  const numbers = { properties: { category_uid: { const: category }, class_uid: { const: uid } } };
  return { allOf: [event, numbers, { anyOf: ofActivity }], $defs };
}

function categoryOf(name: string, events: ReadonlyMap<string, Definition>): string {
  const { category, extends: parent } = events.get(name)!;
  return category ?? categoryOf(parent!, events);
}

/** The dictionary says what a name is, the class or object what it is there; words of both are allowed. */
function completed(name: string, attribute: Attribute, { attributes }: Dictionary): Attribute {
  const known = attributes[name];
  if (!known) throw new Error(`the dictionary has no ${name}`);
  if (COMPUTED.has(name)) return { ...known, requirement: 'required', enum: undefined };
  const words = known.enum || attribute.enum ? { enum: { ...known.enum, ...attribute.enum } } : {};
  return { ...known, ...attribute, ...words };
}

function objectTypes({ attributes, types }: Dictionary): string[] {
  const all = Object.values(attributes).map(({ type = '' }) => type);
  return [...new Set(all)].filter((type) => !(type in types.attributes));
}

function valueOf(attribute: Attribute, { types }: Dictionary): JsonSchema {
  const { type = '', is_array: isArray = false } = attribute;
  const known = types.attributes[type];
  const one = known ? typeSchema(type, known, attribute.enum) : { $ref: `#/$defs/${type}` };
  return isArray ? { type: 'array', items: one } : one;
}

function typeSchema(
  name: string,
  { type = name, regex, max_len: maxLength, range, values }: DictionaryType,
  words: Attribute['enum'],
): JsonSchema {
  const primitive = PRIMITIVES[type];
  if (typeof primitive !== 'object') return primitive ?? false;
  const isNumber = primitive['type'] === 'integer';
  const keys = words && Object.keys(words).map((word) => (isNumber ? Number(word) : word));
  return {
    ...primitive,
    ...(regex === undefined ? {} : { pattern: regex }),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(range === undefined ? {} : { minimum: range[0], maximum: range[1] }),
    ...(keys ? { enum: keys } : values ? { enum: values } : {}),
  };
}

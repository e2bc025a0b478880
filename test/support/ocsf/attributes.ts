import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const SCHEMA = new URL('schema/', import.meta.url);

const read = new Map<string, Promise<unknown>>();

export interface Attribute {
  readonly type?: string;
  readonly is_array?: boolean;
  readonly requirement?: string;
  /** The profile that it comes with; null where a class has it without. */
  readonly profile?: string | null;
  readonly enum?: Readonly<Record<string, unknown>> | undefined;
}

export type Attributes = Readonly<Record<string, Attribute>>;

/** An event class, an object or a profile, as its file has it. */
export interface Definition {
  readonly name: string;
  readonly uid?: number;
  readonly category?: string;
  readonly extends?: string;
  readonly attributes: Readonly<Record<string, Attribute | readonly string[]>>;
  readonly constraints?: { readonly at_least_one?: readonly string[]; readonly just_one?: readonly string[] };
  readonly meta?: string;
}

/** One JSON file of the schema. */
export async function schemaFile<T>(path: string): Promise<T> {
  const known = read.get(path) ?? readFile(new URL(path, SCHEMA), 'utf8').then((text): unknown => JSON.parse(text));
  read.set(path, known);
  return (await known) as T;
}

/** All definitions of a folder, by name. */
export async function definitionsIn(folder: string): Promise<ReadonlyMap<string, Definition>> {
  const found = new Map<string, Definition>();
  for await (const path of glob(`${folder}/**/*.json`, { cwd: fileURLToPath(SCHEMA) })) {
    const definition = await schemaFile<Definition>(path);
    found.set(definition.name, definition);
  }
  return found;
}

/** What a definition has of its own, from the files that it includes, and from what it extends. */
export async function attributesOf(name: string, all: ReadonlyMap<string, Definition>): Promise<Attributes> {
  const definition = all.get(name);
  if (!definition) throw new Error(`the schema has no ${name}`);
  const inherited = definition.extends === undefined ? {} : await attributesOf(definition.extends, all);
  const { $include = [], ...own } = definition.attributes;
  const included = await Promise.all(([$include].flat() as string[]).map(includedFrom));
  return merged([inherited, ...included, own as Attributes]);
}

/** Constraints are those of the nearest definition that has some. */
export function constraintsOf(name: string, all: ReadonlyMap<string, Definition>): Definition['constraints'] {
  const definition = all.get(name);
  if (!definition) return undefined;
  return definition.constraints ?? constraintsOf(definition.extends ?? '', all);
}

async function includedFrom(path: string): Promise<Attributes> {
  const { meta, name, attributes } = await schemaFile<Definition>(path);
  const own = attributes as Attributes;
  if (meta !== 'profile') return own;
  return Object.fromEntries(Object.entries(own).map(([key, attribute]) => [key, { ...attribute, profile: name }]));
}

function merged(layers: readonly Attributes[]): Attributes {
  const all: Record<string, Attribute> = {};
  for (const [name, attribute] of layers.flatMap((layer) => Object.entries(layer))) {
    const before = all[name];
    const words = before?.enum || attribute.enum ? { enum: { ...before?.enum, ...attribute.enum } } : {};
    all[name] = { ...before, ...attribute, ...words };
  }
  return all;
}

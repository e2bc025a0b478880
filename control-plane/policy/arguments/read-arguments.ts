import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { KnownDefinitions } from '../definitions/known-definitions.js';
import { qualifierOf } from '../names.js';
import type { Reads } from '../reads.js';
import { argumentsIn, type ArgumentType } from './argument-type.js';

/** What policies read of one tool's arguments, by the tool's own definition. Plain data. */
export interface ReadArguments {
  readonly args: readonly ReadArgument[];
  /** Those that are read as paths: texts, or lists of texts. */
  readonly paths: readonly ReadArgument[];
}

export interface ReadArgument {
  readonly name: string;
  readonly type: ArgumentType;
  readonly required: boolean;
}

/** The part of a tool's arguments that policies read. Names that its definition does not have are left out. */
export function readArgumentsOf(inputSchema: JsonObject, reads: Pick<Reads, 'args' | 'paths'>): ReadArguments {
  const typed = argumentsIn(inputSchema).flatMap(({ name, type, required }) =>
    type === undefined ? [] : [{ name, type, required }],
  );
  return {
    args: typed.filter(({ name }) => reads.args.has(name)),
    paths: typed.filter(({ name, type }) => reads.paths.has(name) && isPath(type)),
  };
}

/** Whether an argument has a normalised twin in `context.paths`. */
export function isPath(type: ArgumentType): boolean {
  return type.kind === 'string' || (type.kind === 'set' && type.element.kind === 'string');
}

/** @param id of the tool's action: `crm/list_customers` */
export function inputSchemaOf(known: KnownDefinitions, id: string): JsonObject | undefined {
  const server = qualifierOf(id);
  return server === undefined ? undefined : known.get(server)?.get(id.slice(server.length + 1))?.inputSchema;
}

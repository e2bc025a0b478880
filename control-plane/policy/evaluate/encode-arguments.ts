import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { ReadArgument, ReadArguments } from '../arguments/read-arguments.js';
import { encodeValue, listOf, textOf } from './encode-value.js';
import { refuseLookAlikes } from './look-alike.js';
import { normalPath } from './normal-path.js';
import { UnreadableArgument } from './unreadable-argument.js';

const MOST_KEYS = 1_000;

/** Values by name, as Cedar's JSON. */
type Encoded = Record<string, CedarValueJson>;

/**
 * What policies read of a call's arguments, as `context.args` and `context.paths`. `null` is the same as absent; an argument that the
 * tool's definition demands may not be absent.
 * @throws UnreadableArgument where one of them cannot be put before the policies: it is never left out in silence.
 */
export function encodeArguments(read: ReadArguments, args: JsonObject): { args: Encoded; paths: Encoded } {
  const all = [...read.args, ...read.paths];
  const keys = Object.keys(args);
  if (keys.length > MOST_KEYS) throw new UnreadableArgument(all[0]?.name ?? '', `is one of more than ${MOST_KEYS}`);
  refuseLookAlikes(
    keys,
    all.map(({ name }) => name),
    '',
  );
  return {
    args: encodeEach(read.args, args, (value, { type, name }) => encodeValue(value, type, name)),
    paths: encodeEach(read.paths, args, pathsOf),
  };
}

function encodeEach(
  read: readonly ReadArgument[],
  args: JsonObject,
  encode: (value: unknown, argument: ReadArgument) => CedarValueJson,
): Encoded {
  const encoded = read.flatMap((argument) => {
    const { name, required } = argument;
    const value = Object.hasOwn(args, name) ? args[name] : null;
    if (value === null && required) throw new UnreadableArgument(name, 'is missing');
    return value === null || value === undefined ? [] : [[name, encode(value, argument)] as const];
  });
  return Object.fromEntries(encoded);
}

function pathsOf(value: unknown, { name, type }: ReadArgument): CedarValueJson {
  if (type.kind !== 'set') return normalPath(textOf(value, name), name);
  return listOf(value, name).map((element) => normalPath(textOf(element, name), name));
}

import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { numberText } from '#shared/mcp/exact-json.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { ArgumentType, Member } from '../arguments/argument-type.js';
import { encodeDecimal, encodeLong } from './encode-number.js';
import { refuseLookAlikes } from './look-alike.js';
import { UnreadableArgument } from './unreadable-argument.js';

/** UTF-16 units of one text, and elements of one list. */
const LONGEST_TEXT = 65_536;
const LONGEST_LIST = 1_000;

/**
 * One value of a call as Cedar's JSON, by the type that the tool's definition gives it. No object of the caller gets
 * through: Cedar would take `{"__entity": …}` for a reference and `{"__extn": …}` for a call.
 * @throws UnreadableArgument for any other value.
 */
export function encodeValue(value: unknown, type: ArgumentType, name: string): CedarValueJson {
  if (type.kind === 'set') {
    return listOf(value, name).map((element) => encodeValue(element, type.element, `${name}[]`));
  }
  if (type.kind === 'record') return encodeRecord(value, type.members, name);
  return SCALARS[type.kind](value, name);
}

const SCALARS = { string: textOf, long: encodeLong, decimal: encodeDecimal, boolean: truthOf } as const;

function truthOf(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new UnreadableArgument(name, 'is neither true nor false');
}

/** @throws UnreadableArgument for what is no text, or none that Cedar can hold. */
export function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new UnreadableArgument(name, 'is not a text');
  if (!value.isWellFormed()) throw new UnreadableArgument(name, 'has half a character in it (a lone surrogate)');
  if (value.length > LONGEST_TEXT) throw new UnreadableArgument(name, `is longer than ${LONGEST_TEXT} characters`);
  return value;
}

/** @throws UnreadableArgument for what is no list, or too long. */
export function listOf(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new UnreadableArgument(name, 'is not a list');
  if (value.length > LONGEST_LIST) throw new UnreadableArgument(name, `has more than ${LONGEST_LIST} elements`);
  return value;
}

function encodeRecord(value: unknown, members: readonly Member[], name: string): CedarValueJson {
  if (!isObject(value) || numberText(value) !== undefined) throw new UnreadableArgument(name, 'is not an object');
  const names = members.map((member) => member.name);
  const keys = Object.keys(value);
  refuseLookAlikes(keys, names, `${name}.`);
  if (keys.some((key) => !names.includes(key))) {
    throw new UnreadableArgument(name, 'has a member that the tool’s definition does not name');
  }
  const encoded = members.flatMap((member) => {
    const path = `${name}.${member.name}`;
    const own = Object.hasOwn(value, member.name) ? value[member.name] : null;
    if (own === null && member.required) throw new UnreadableArgument(path, 'is missing');
    if (own === null || member.type === undefined) return [];
    return [[member.name, encodeValue(own, member.type, path)] as const];
  });
  return Object.fromEntries(encoded);
}

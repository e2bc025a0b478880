import { isDeepStrictEqual } from 'node:util';
import { getNodeValue } from 'jsonc-parser';
import type { EntrySlot, ServerEntry } from './entry-slot.js';
import { removeMember, setMember } from './json-edit.js';
import { membersOf, parseConfig, type JsonDialect } from './json-tree.js';
import { unusable } from './unusable.js';

/**
 * Text of a JSON config with our entry set, or removed where `entry` is undefined; all else stays as it is, and so does
 * what a person added to our entry. Throws CodedError config_invalid.
 */
export function withJsonEntry(
  text: string,
  slot: EntrySlot,
  comments: boolean,
  entry: ServerEntry | undefined,
): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const bare = text.slice(mark.length);
  const body = bare.trim() === '' ? '{}\n' : bare;
  const dialect = { file: slot.file, comments };
  const before = readEntry(body, slot, dialect);
  if (!entry) return before === undefined ? text : mark + removeMember(body, [slot.key, slot.name], dialect);
  const path = [slot.key, slot.name] as const;
  const changed = isObject(before)
    ? missingParts(before, entry).reduce((all, [key, value]) => setMember(all, [...path, key], value, dialect), body)
    : setMember(body, path, entry, dialect);
  return changed === body ? text : mark + changed;
}

/** Our entry as a JSON config has it; undefined where there is none. Throws CodedError config_invalid. */
export function jsonEntryIn(text: string, slot: EntrySlot, comments: boolean): unknown {
  const body = text.replace(/^\uFEFF/, '');
  return body.trim() === '' ? undefined : readEntry(body, slot, { file: slot.file, comments });
}

/** The entry as it is; undefined where there is none. */
function readEntry(text: string, { file, key, name }: EntrySlot, dialect: JsonDialect): unknown {
  const servers = membersOf(parseConfig(text, dialect), key, file).find((member) => member.name === key)?.value;
  if (!servers) return undefined;
  if (servers.type !== 'object') throw unusable(file, `its "${key}" is not an object`);
  const node = membersOf(servers, name, file).find((member) => member.name === name)?.value;
  return node && (getNodeValue(node) as unknown);
}

function missingParts(before: Readonly<Record<string, unknown>>, entry: ServerEntry): [string, unknown][] {
  return Object.entries(entry).filter(([key, value]) => !isDeepStrictEqual(before[key], value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

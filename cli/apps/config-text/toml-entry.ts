import { isDeepStrictEqual } from 'node:util';
import type { AST } from 'toml-eslint-parser';
import type { EntrySlot, ServerEntry } from './entry-slot.js';
import { parseToml } from './toml-tree.js';
import { unusable } from './unusable.js';

/** Text of a TOML config with our table set, or removed where `entry` is undefined, as `withJsonEntry`. */
export function withTomlEntry(text: string, slot: EntrySlot, entry: ServerEntry | undefined): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const body = text.slice(mark.length);
  const before = entryOf(body, slot);
  if (before === undefined && !entry) return text;
  const eol = body.includes('\r\n') ? '\r\n' : '\n';
  const table = tableOf(body, slot);
  const after =
    entry && table ? updateTable(body, table, entry, eol) : appendTable(removeEntry(body, slot), slot, entry, eol);
  if (!agrees(entryOf(after, slot), entry))
    throw unusable(slot.file, `its "${slot.key}" is written in a way not known here`);
  return after === body ? text : mark + after;
}

/** Our entry as a TOML config has it, however it is written; undefined where there is none. Throws CodedError config_invalid. */
export function tomlEntryIn(text: string, { file, key, name }: EntrySlot): unknown {
  const servers = parseToml(text.replace(/^\uFEFF/, ''), file).value[key];
  return isTable(servers) ? servers[name] : undefined;
}

function entryOf(text: string, { file, key, name }: EntrySlot): unknown {
  const { nodes, value } = parseToml(text, file);
  const servers = value[key];
  if (servers === undefined) return undefined;
  if (!isTable(servers)) throw unusable(file, `its "${key}" is not a table`);
  const inline = nodes.some(
    (node) => node.type === 'TOMLKeyValue' && isDeepStrictEqual(node.key.keys.map(nameOf), [key]),
  );
  if (inline) throw unusable(file, `its "${key}" is one inline table; write a table of its own for each server`);
  return servers[name];
}

/** Whether what is there says what the entry says; what else it says is the person's. */
function agrees(found: unknown, entry: ServerEntry | undefined): boolean {
  if (!entry) return found === undefined;
  return isTable(found) && Object.entries(entry).every(([key, value]) => isDeepStrictEqual(found[key], value));
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The table `[key.name]`, where the entry is written as one. */
function tableOf(text: string, { file, key, name }: EntrySlot): AST.TOMLTable | undefined {
  return parseToml(text, file).nodes.find(
    (node): node is AST.TOMLTable =>
      node.type === 'TOMLTable' && node.kind === 'standard' && isDeepStrictEqual(node.resolvedKey, [key, name]),
  );
}

function updateTable(text: string, table: AST.TOMLTable, entry: ServerEntry, eol: string): string {
  const header = table.key.range[1] + (/^[^\r\n]*/.exec(text.slice(table.key.range[1]))?.[0].length ?? 0);
  const edits = Object.entries(entry).map(([key, value]) => {
    const line = table.body.find((one) => one.key.keys.length === 1 && nameOf(one.key.keys[0]) === key);
    return line
      ? { range: line.value.range, text: tomlValue(value) }
      : { range: [header, header] as const, text: `${eol}${key} = ${tomlValue(value)}` };
  });
  return cutAndPaste(text, edits);
}

function appendTable(text: string, { key, name }: EntrySlot, entry: ServerEntry | undefined, eol: string): string {
  if (!entry) return text;
  const lines = Object.entries(entry).map(([member, value]) => `${member} = ${tomlValue(value)}`);
  const table = [`[${key}.${name}]`, ...lines, ''].join(eol);
  if (text.trim() === '') return table;
  return `${text}${text.endsWith('\n') ? '' : eol}${eol}${table}`;
}

/** Without the lines of the entry, and without one empty line before each of its tables. */
function removeEntry(text: string, { file, key, name }: EntrySlot): string {
  const isOurs = (names: readonly unknown[]): boolean => names[0] === key && names[1] === name;
  const edits = parseToml(text, file)
    .nodes.flatMap<AST.TOMLKeyValue | AST.TOMLTable>((node) => {
      if (node.type === 'TOMLKeyValue') return isOurs(node.key.keys.map(nameOf)) ? [node] : [];
      if (isOurs(node.resolvedKey)) return [node];
      return node.body.filter((line) => isOurs([...node.resolvedKey, ...line.key.keys.map(nameOf)]));
    })
    .map(({ range }) => ({ range: linesOf(text, range), text: '' }));
  return cutAndPaste(text, edits);
}

function linesOf(text: string, [start, end]: readonly [number, number]): readonly [number, number] {
  const line = text.indexOf('\n', end);
  const gap = /(?<=\n)[ \t]*\r?\n[ \t]*$/.exec(text.slice(0, start));
  return [gap?.index ?? start, line === -1 ? text.length : line + 1];
}

interface Edit {
  readonly range: readonly [number, number];
  readonly text: string;
}

function cutAndPaste(text: string, edits: readonly Edit[]): string {
  const fromTheEnd = edits.toReversed().toSorted((one, other) => other.range[0] - one.range[0]);
  return fromTheEnd.reduce((all, { range, text: part }) => all.slice(0, range[0]) + part + all.slice(range[1]), text);
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted | undefined): string | undefined {
  return key?.type === 'TOMLBare' ? key.name : key?.value;
}

/** Strings and lists of strings: the escapes of JSON are escapes of TOML too (TOML 1.0, “String”). */
function tomlValue(value: unknown): string {
  return Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : JSON.stringify(value);
}

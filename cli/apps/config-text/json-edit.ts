import { createScanner, type Node } from 'jsonc-parser';
import { membersOf, parseConfig, type JsonDialect, type Member } from './json-tree.js';
import { unusable } from './unusable.js';

/** Names of members from the outermost object inwards. */
export type JsonPath = readonly [string, ...string[]];

/** A JSON text with the value at `path` set. All other bytes stay, comments and line ends too. Throws CodedError config_invalid. */
export function setMember(text: string, path: JsonPath, value: unknown, dialect: JsonDialect): string {
  const { object, member, missing } = find(parseConfig(text, dialect), path, dialect.file);
  const style = styleOf(text);
  if (member) {
    const compact = !text.slice(object.offset, object.offset + object.length).includes('\n');
    const content = compact ? JSON.stringify(value) : render(value, style, indentAt(text, member.node.offset));
    return splice(text, member.value, content);
  }
  const [name, ...inner] = missing;
  const whole = inner.reduceRight<unknown>((content, key) => ({ [key]: content }), value);
  return insert(text, object, `${JSON.stringify(name)}: `, whole, style);
}

/** A JSON text without the member at `path`; the text itself where there is none. */
export function removeMember(text: string, path: JsonPath, dialect: JsonDialect): string {
  const { object, member } = find(parseConfig(text, dialect), path, dialect.file);
  if (!member) return text;
  const { node } = member;
  const following = commaAfter(text, node);
  const end = following ?? node.offset + node.length;
  const start = /(?:\r?\n)?[ \t]*$/.exec(text.slice(0, node.offset))?.index ?? node.offset;
  const siblings = object.children ?? [];
  if (siblings.length === 1) return emptied(text, object, start, end);
  const previous = siblings[siblings.indexOf(node) - 1];
  const without = text.slice(0, start) + text.slice(end);
  const dangling = following === undefined && previous ? commaAfter(text, previous) : undefined;
  return dangling === undefined ? without : without.slice(0, dangling - 1) + without.slice(dangling);
}

function emptied(text: string, { offset, length }: Node, start: number, end: number): string {
  const inside = text.slice(offset + 1, start) + text.slice(end, offset + length - 1);
  return text.slice(0, offset + 1) + (inside.trim() === '' ? '' : inside) + text.slice(offset + length - 1);
}

interface Found {
  /** The innermost object of the path that is there. */
  readonly object: Node;
  readonly member: Member | undefined;
  /** What of the path is not there. */
  readonly missing: JsonPath;
}

function find(object: Node, path: JsonPath, file: string): Found {
  const [name, ...inner] = path;
  const member = membersOf(object, name, file).find((one) => one.name === name);
  if (!member || !isPath(inner)) return { object, member, missing: path };
  if (member.value.type !== 'object') throw unusable(file, `its "${name}" is not an object`);
  return find(member.value, inner, file);
}

function isPath(names: readonly string[]): names is JsonPath {
  return names.length > 0;
}

function insert(text: string, object: Node, label: string, value: unknown, style: Style): string {
  const close = object.offset + object.length - 1;
  const last = object.children?.at(-1);
  const comma = last && commaAfter(text, last);
  const from = comma ?? (last ? last.offset + last.length : object.offset + 1);
  const tail = lastTokenEnd(text, from, close);
  const spread = last === undefined || text.slice(object.offset, close).includes('\n');
  const outer = indentAt(text, object.offset);
  const indent = last && spread ? indentAt(text, last.offset) : outer + style.unit;
  const member = spread
    ? `${style.eol}${indent}${label}${render(value, style, indent)}`
    : `${label.trimEnd()}${JSON.stringify(value)}`;
  const separator = last && comma === undefined ? ',' : '';
  const rest = last && spread ? text.slice(tail) : `${spread ? style.eol + outer : ''}${text.slice(close)}`;
  return `${text.slice(0, from)}${separator}${text.slice(from, tail)}${member}${comma === undefined ? '' : ','}${rest}`;
}

/** End of the comma behind a member; undefined where none follows. */
function commaAfter(text: string, node: Node): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(node.offset + node.length);
  scanner.scan();
  return text[scanner.getTokenOffset()] === ',' ? scanner.getPosition() : undefined;
}

/** Where the last comment between two offsets ends; the first offset where there is none. */
function lastTokenEnd(text: string, from: number, to: number): number {
  return from + text.slice(from, to).trimEnd().length;
}

interface Style {
  readonly unit: string;
  readonly eol: string;
}

function styleOf(text: string): Style {
  return { unit: /\{[^\n{]*\n([ \t]+)["/]/.exec(text)?.[1] ?? '  ', eol: text.includes('\r\n') ? '\r\n' : '\n' };
}

/** The white space before the line of an offset. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function render(value: unknown, { unit, eol }: Style, indent: string): string {
  return JSON.stringify(value, null, unit).replaceAll('\n', eol + indent);
}

function splice(text: string, { offset, length }: Node, replacement: string): string {
  return text.slice(0, offset) + replacement + text.slice(offset + length);
}

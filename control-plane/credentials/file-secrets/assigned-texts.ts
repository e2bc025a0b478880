import type { NamedText } from './named-text.js';

/** `NAME=value` of `.env` and INI files, and `name: value`. */
const ASSIGNMENT = /^(?:export\s+)?([^=:\s"']+)\s*(?:=|:(?=\s))\s*(.*)$/;
const QUOTED = /^(["'])(.*?)(?<!\\)\1/;
/** RFC 3986 §3.2.1, as in the address of a database. */
const PASSWORD_IN_ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/[^:@/\s]*:([^@/\s]+)@/i;

/** The value that a line assigns: without quotes and closing remark, and in double quotes also without their escapes. */
export function assignedTexts(line: string): NamedText[] {
  const [, name = '', rest = ''] = ASSIGNMENT.exec(line) ?? [];
  const [, quote, inside] = QUOTED.exec(rest) ?? [];
  const value = inside ?? rest.replace(/\s+[#;].*$/, '');
  const meant = quote === '"' ? value.replaceAll(/\\(["\\$`])/g, '$1') : value;
  const password = PASSWORD_IN_ADDRESS.exec(meant)?.[1];
  return [
    ...[...new Set([meant, value, ...(inside === undefined ? [rest] : [])])].map((text) => ({ name, text })),
    ...(password === undefined ? [] : [{ name: 'password', text: password }]),
  ];
}

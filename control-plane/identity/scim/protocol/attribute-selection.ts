import { isObject } from './resource-document.js';

/** `attributes` and `excludedAttributes` of a request (RFC 7644 §3.9), in lower case. */
export interface AttributeSelection {
  readonly only: ReadonlySet<string> | undefined;
  readonly without: ReadonlySet<string>;
}

const MAX_NAMES = 50;
/** `returned: always` (RFC 7643 §3.1). */
const ALWAYS = new Set(['schemas', 'id']);

export function attributeSelection(query: Readonly<Record<string, unknown>>): AttributeSelection {
  const only = namesIn(query['attributes']);
  return { only: only.size === 0 ? undefined : only, without: namesIn(query['excludedAttributes']) };
}

/** Whether an attribute is wanted at all: what is not need not be read. */
export function selects({ only, without }: AttributeSelection, name: string): boolean {
  const key = name.toLowerCase();
  if (ALWAYS.has(key)) return true;
  if (!only) return !without.has(key);
  return [...only].some((wanted) => wanted === key || wanted.startsWith(`${key}.`) || wanted.startsWith(`${key}:`));
}

/** The resource with the wanted attributes; of a complex one perhaps only the wanted parts. */
export function selected(
  resource: Readonly<Record<string, unknown>>,
  selection: AttributeSelection,
): Record<string, unknown> {
  const entries = Object.entries(resource).filter(([name]) => selects(selection, name));
  return Object.fromEntries(entries.map(([name, value]) => [name, partsOf(name, value, selection)]));
}

function partsOf(name: string, value: unknown, { only, without }: AttributeSelection): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => partsOf(name, one, { only, without }));
  if (!isObject(value) || name === 'meta') return value;
  const key = name.toLowerCase();
  const has = (names: ReadonlySet<string> | undefined, part: string): boolean =>
    names !== undefined && (names.has(`${key}.${part}`) || names.has(`${key}:${part}`));
  const whole = only === undefined || only.has(key);
  const kept = Object.entries(value).filter(([part]) => {
    const wanted = part.toLowerCase();
    return (whole || has(only, wanted)) && !has(without, wanted);
  });
  return Object.fromEntries(kept);
}

function namesIn(value: unknown): ReadonlySet<string> {
  const text = Array.isArray(value) ? value.join(',') : typeof value === 'string' ? value : '';
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  return new Set(names.filter((name) => name !== '').slice(0, MAX_NAMES));
}

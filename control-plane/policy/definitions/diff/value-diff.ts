import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { visible } from './hidden-characters.js';
import { textDiff, TIME_TO_COMPARE } from './text-diff.js';

/** One difference between two definitions, for people. */
export interface Change {
  /** `description`, `inputSchema.properties.path.type` … */
  readonly at: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** What it says now, what it said, or both as `[-old-]{+new+}`. Hidden characters are visible. */
  readonly text: string;
}

/** A server may nest as deep as it likes. */
const MAX_DEPTH = 24;

/** Where a value stands, and until when (`performance.now()`) texts are compared. */
interface Place {
  readonly at: string;
  readonly depth: number;
  readonly end: number;
}

/** The differences of two values, in the order of the keys. */
export function valueDiff(before: unknown, after: unknown): Change[] {
  return differences(before, after, { at: '', depth: 0, end: performance.now() + TIME_TO_COMPARE });
}

function differences(before: unknown, after: unknown, place: Place): Change[] {
  const { at, depth, end } = place;
  if (isDeepStrictEqual(before, after)) return [];
  if (before === undefined) return [{ at, kind: 'added', text: written(after) }];
  if (after === undefined) return [{ at, kind: 'removed', text: written(before) }];
  if (typeof before === 'string' && typeof after === 'string') {
    return [{ at, kind: 'changed', text: textDiff(before, after, end) }];
  }
  if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].every(isScalar)) {
    return setDiff(before, after, at);
  }
  if (isObject(before) && isObject(after) && depth < MAX_DEPTH) return keyDiff(before, after, place);
  return [{ at, kind: 'changed', text: `[-${written(before)}-]{+${written(after)}+}` }];
}

function keyDiff(before: JsonObject, after: JsonObject, { at, depth, end }: Place): Change[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const below = { at: at === '' ? visible(key) : `${at}.${visible(key)}`, depth: depth + 1, end };
    return differences(own(before, key), own(after, key), below);
  });
}

function own(value: JsonObject, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Lists of names and values (`required`, `enum`) by what came and what went. */
function setDiff(before: readonly unknown[], after: readonly unknown[], at: string): Change[] {
  const [had, has] = [new Set(before), new Set(after)];
  const gone = before.filter((value) => !has.has(value));
  const came = after.filter((value) => !had.has(value));
  if (gone.length + came.length === 0) return [{ at, kind: 'changed', text: `in another order: ${written(after)}` }];
  return [
    ...gone.map((value): Change => ({ at, kind: 'removed', text: written(value) })),
    ...came.map((value): Change => ({ at, kind: 'added', text: written(value) })),
  ];
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

function written(value: unknown): string {
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}

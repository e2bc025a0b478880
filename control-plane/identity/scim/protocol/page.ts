import { ScimError } from './scim-error.js';

/** Which part of a list is asked for (RFC 7644 §3.4.2.4). */
export interface Page {
  /** From 1. */
  readonly startIndex: number;
  readonly count: number;
}

export interface Found<T> {
  readonly total: number;
  readonly resources: readonly T[];
}

export const MAX_COUNT = 200;
const DEFAULT_COUNT = 100;
const MAX_START = 1_000_000_000;

/** Throws `invalidValue`. */
export function pageOf(query: Readonly<Record<string, unknown>>): Page {
  const startIndex = numberIn(query['startIndex'], 1);
  const count = numberIn(query['count'], DEFAULT_COUNT);
  return { startIndex: Math.min(Math.max(1, startIndex), MAX_START), count: Math.min(Math.max(0, count), MAX_COUNT) };
}

function numberIn(value: unknown, missing: number): number {
  if (value === undefined || value === '') return missing;
  if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return Number(value);
  throw new ScimError(400, 'startIndex and count must be whole numbers.', 'invalidValue');
}

/** RFC 7644 §3.4.2. */
export function listResponse<T>({ total, resources }: Found<T>, { startIndex }: Page): object {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}

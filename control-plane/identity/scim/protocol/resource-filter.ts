import { parseAttributePath, type AttributePath } from './attribute-path.js';
import type { ResourceType } from './attributes.js';
import { parseTerms, type Term } from './filter-terms.js';
import { isObject, type ResourceDocument } from './resource-document.js';
import { ScimError } from './scim-error.js';

/** One comparison of a filter; `id` is ours and lies outside of the schema. */
export interface Comparison {
  readonly path: AttributePath | 'id';
  readonly value: Term['value'];
}

/** The filter of a list; all comparisons must hold. Throws `invalidFilter`. */
export function resourceFilter(type: ResourceType, query: Readonly<Record<string, unknown>>): Comparison[] {
  const text = query['filter'];
  if (text === undefined || text === '') return [];
  if (typeof text !== 'string') throw new ScimError(400, 'There must be one filter.', 'invalidFilter');
  return parseTerms(text).map(({ path, value }) => ({ path: pathOf(type, path), value }));
}

function pathOf(type: ResourceType, text: string): Comparison['path'] {
  if (text.toLowerCase() === 'id') return 'id';
  try {
    const path = parseAttributePath(type, text);
    if (path) return path;
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
  }
  throw new ScimError(400, 'The filter names an attribute that is not known here.', 'invalidFilter');
}

export function matchesAll(comparisons: readonly Comparison[], id: string, document: ResourceDocument): boolean {
  return comparisons.every(({ path, value }) =>
    path === 'id' ? id === value : valuesAt(document, path).some((one) => equal(one, value, path)),
  );
}

function valuesAt(document: ResourceDocument, { extension, attribute, where, part }: AttributePath): unknown[] {
  const at = extension === undefined ? document : document[extension];
  const value = isObject(at) ? at[attribute.name] : undefined;
  const values: unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  const meant = values.filter((one) => where.every((term) => isObject(one) && equal(one[term.path], term.value)));
  if (attribute.type !== 'complex') return meant;
  // A multi-valued attribute stands for its `value` (RFC 7644 §3.4.2.2).
  return meant.map((one) => (isObject(one) ? one[part?.name ?? 'value'] : undefined));
}

/** Texts are equal whatever their case, unless the schema says otherwise (RFC 7643 §2.2). */
function equal(one: unknown, value: Term['value'], path?: AttributePath): boolean {
  const exact = (path?.part ?? path?.attribute)?.caseExact === true;
  if (typeof one === 'string' && typeof value === 'string' && !exact) return one.toLowerCase() === value.toLowerCase();
  return one === value;
}

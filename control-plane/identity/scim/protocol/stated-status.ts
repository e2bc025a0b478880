import { readBoolean } from './boolean-value.js';
import { listOf } from './patch-operations.js';
import { isObject } from './resource-document.js';

const ACTIVE = /^(?:urn:ietf:params:scim:schemas:core:2\.0:user:)?active$/i;

/**
 * Whether a PUT or PATCH says that the user is not active, even where the rest of it can't be understood: a leaver must
 * not stay because of a fault elsewhere in the request.
 */
export function saysInactive(body: unknown): boolean {
  return (
    isFalseIn(body) ||
    operationsIn(body).some(({ path, value }) => {
      if (typeof path === 'string' && path.trim() !== '') return ACTIVE.test(path.trim()) && isFalse(value);
      return isFalseIn(value);
    })
  );
}

function isFalseIn(value: unknown): boolean {
  return isObject(value) && Object.entries(value).some(([name, one]) => ACTIVE.test(name.trim()) && isFalse(one));
}

/** Also in the list of one that older Entra ID applications send for a single value. */
function isFalse(value: unknown): boolean {
  const [one, ...more]: unknown[] = Array.isArray(value) ? value : [value];
  return more.length === 0 && readBoolean(isObject(one) ? one['value'] : one) === false;
}

function operationsIn(body: unknown): readonly Readonly<Record<string, unknown>>[] {
  try {
    return listOf(body);
  } catch {
    return [];
  }
}

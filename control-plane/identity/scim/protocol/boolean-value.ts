import { ScimError } from './scim-error.js';

/**
 * A boolean, also as the text that Entra ID sends (`"False"`), which is truthy and would keep a leaver in.
 * Throws `invalidValue` for anything else.
 */
export function booleanOf(value: unknown): boolean {
  const known = readBoolean(value);
  if (known === undefined) throw new ScimError(400, 'A boolean attribute is neither true nor false.', 'invalidValue');
  return known;
}

/** Undefined for what is neither true nor false. */
export function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  return undefined;
}

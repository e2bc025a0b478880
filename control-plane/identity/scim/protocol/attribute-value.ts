import { attributeNamed, type Attribute } from './attributes.js';
import { booleanOf } from './boolean-value.js';
import { ScimError } from './scim-error.js';

const MAX_TEXT = 4096;

/**
 * A value of an attribute as we keep it: known parts only, names spelled as the schema does, booleans that are booleans.
 * Undefined where it is no value (RFC 7643 §2.5). Throws `invalidValue`.
 */
export function attributeValue(attribute: Attribute, value: unknown): unknown {
  if (attribute.multiValued !== true) return singleValue(attribute, value);
  if (value === null || value === undefined) return undefined;
  const values = Array.isArray(value) ? value : [value];
  const kept = values.map((one) => singleValue(attribute, one)).filter((one) => one !== undefined);
  return kept.length === 0 ? undefined : kept;
}

/** The same, of one of several values. */
export function singleValue(attribute: Attribute, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (attribute.type === 'boolean') return booleanOf(value);
  if (attribute.type === 'complex') return complexValue(attribute, value);
  if (typeof value === 'number') return String(value);
  // PostgreSQL has no NUL in texts; nothing that names a person spans lines.
  if (typeof value !== 'string' || value.length > MAX_TEXT || !value.isWellFormed() || /\p{Cc}/u.test(value)) {
    throw invalidValue(attribute);
  }
  return value === '' ? undefined : value;
}

function complexValue(attribute: Attribute, value: unknown): unknown {
  const { parts = [] } = attribute;
  // Entra ID sends the manager as a bare id, others an e-mail address as a bare text.
  const object = typeof value === 'string' ? { value } : value;
  if (typeof object !== 'object' || object === null || Array.isArray(object)) throw invalidValue(attribute);
  const entries = Object.entries(object).flatMap(([name, one]) => {
    const part = attributeNamed(parts, name);
    const kept = part && singleValue(part, one);
    return part === undefined || kept === undefined ? [] : [[part.name, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function invalidValue({ name }: Attribute): ScimError {
  return new ScimError(400, `The value of ${name} is not valid.`, 'invalidValue');
}

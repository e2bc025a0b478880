import { attributeValue } from './attribute-value.js';
import { attributeNamed, SCHEMAS, type Attribute, type ResourceType } from './attributes.js';
import { ScimError } from './scim-error.js';

/** The attributes of a resource that a client has set; `id`, `meta` and `schemas` are ours and not among them. */
export type ResourceDocument = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The body of a POST or PUT as we keep it. What we don't keep is dropped here: read-only attributes (RFC 7644 §3.5.1), unknown
 * ones, and the password that Okta makes up. Throws `invalidSyntax` or `invalidValue`.
 */
export function resourceDocument(type: ResourceType, body: unknown): ResourceDocument {
  if (!isObject(body)) throw new ScimError(400, 'The body is no SCIM resource.', 'invalidSyntax');
  const [core, ...extensions] = SCHEMAS[type];
  const document = valuesOf(core?.[1] ?? [], body);
  for (const [urn, attributes] of extensions) {
    const [, extension] = Object.entries(body).find(([name]) => name.toLowerCase() === urn.toLowerCase()) ?? [];
    const values = isObject(extension) ? valuesOf(attributes, extension) : {};
    if (Object.keys(values).length > 0) document[urn] = values;
  }
  return document;
}

/** Of two spellings of one name the body is refused: which one counts would be a guess. */
function valuesOf(attributes: readonly Attribute[], body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(body)) {
    const attribute = attributeNamed(attributes, name);
    if (!attribute) continue;
    if (seen.has(attribute.name)) throw new ScimError(400, `${attribute.name} is there twice.`, 'invalidSyntax');
    seen.add(attribute.name);
    const kept = attributeValue(attribute, value);
    if (kept !== undefined) values[attribute.name] = kept;
  }
  return values;
}

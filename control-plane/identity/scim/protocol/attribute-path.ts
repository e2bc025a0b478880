import { attributeNamed, SCHEMAS, type Attribute, type ResourceType } from './attributes.js';
import { parseTerms, type Term } from './filter-terms.js';
import { ScimError } from './scim-error.js';

/** `urn:…:User:emails[type eq "work"].value`, taken apart and spelled as the schema spells it (RFC 7644 §3.5.2). */
export interface AttributePath {
  /** The extension that it lies in; undefined for the core schema. */
  readonly extension: string | undefined;
  readonly attribute: Attribute;
  /** Which values of a multi-valued attribute are meant; empty for all. */
  readonly where: readonly Term[];
  readonly part: Attribute | undefined;
}

const MAX_PATH = 512;
const PATH = /^(?:(urn:[^[\]"]+):)?([A-Za-z][\w-]*)(?:\[(.*)\])?(?:\.(\$?[A-Za-z][\w-]*))?$/s;

/**
 * The path of an attribute that we keep; undefined where it lies in an extension that we don't know.
 * Throws `invalidPath`.
 */
export function parseAttributePath(type: ResourceType, text: string): AttributePath | undefined {
  const [, urn, name = '', filter, partName] = (text.length <= MAX_PATH && PATH.exec(text.trim())) || [];
  if (name === '') throw invalidPath();
  const schema = schemaOf(type, urn);
  if (!schema) return undefined;
  const attribute = attributeNamed(schema.attributes, name);
  if (!attribute) throw invalidPath();
  const part = partName === undefined ? undefined : attributeNamed(attribute.parts ?? [], partName);
  if (partName !== undefined && !part) throw invalidPath();
  if (filter !== undefined && attribute.multiValued !== true) throw invalidPath();
  return {
    extension: schema.extension,
    attribute,
    where: filter === undefined ? [] : termsOf(attribute, filter),
    part,
  };
}

function schemaOf(type: ResourceType, urn: string | undefined) {
  const [core, ...extensions] = SCHEMAS[type];
  if (urn === undefined || urn.toLowerCase() === core?.[0].toLowerCase()) {
    return { extension: undefined, attributes: core?.[1] ?? [] };
  }
  const known = extensions.find(([id]) => id.toLowerCase() === urn.toLowerCase());
  return known && { extension: known[0], attributes: known[1] };
}

function termsOf({ parts = [] }: Attribute, filter: string): Term[] {
  return parseTerms(filter).map(({ path, value }) => {
    const part = attributeNamed(parts, path);
    if (!part) throw new ScimError(400, 'The filter names an attribute that is not known here.', 'invalidFilter');
    return { path: part.name, value };
  });
}

function invalidPath(): ScimError {
  return new ScimError(
    400,
    'The path names an attribute that is not known here, or is not well-formed.',
    'invalidPath',
  );
}

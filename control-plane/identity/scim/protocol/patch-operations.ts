import { parseAttributePath, type AttributePath } from './attribute-path.js';
import { attributeValue, singleValue } from './attribute-value.js';
import { attributeNamed, SCHEMAS, type ResourceType } from './attributes.js';
import { isObject } from './resource-document.js';
import { ScimError } from './scim-error.js';

type Op = 'add' | 'replace' | 'remove';

/** One operation on one attribute, in one spelling, with a value of its type. */
export interface PatchOperation {
  readonly op: Op;
  readonly path: AttributePath;
  /** Undefined for a `remove` that takes the whole. */
  readonly value: unknown;
}

const MAX_OPERATIONS = 1000;
/** Ours, or read-only (RFC 7643 §3.1, §4.1.2): Okta sends them along. Of the password nothing is kept. */
const LEFT_ALONE = new Set(['id', 'meta', 'schemas', 'groups', 'password']);

/**
 * The operations of a PATCH (RFC 7644 §3.5.2) in all the dialects of Okta and Entra ID as one: ops in lower case, one attribute
 * each, names as the schema spells them, booleans that are booleans. Throws a ScimError for what is none.
 */
export function patchOperations(type: ResourceType, body: unknown): PatchOperation[] {
  const operations = listOf(body);
  if (operations.length > MAX_OPERATIONS)
    throw new ScimError(413, 'The request has more than 1000 operations.', 'tooMany');
  return operations.flatMap((operation) => normalized(type, operation));
}

/** The `Operations` of a PATCH, unread. Throws `invalidSyntax`. */
export function listOf(body: unknown): readonly Readonly<Record<string, unknown>>[] {
  const [, list] = (isObject(body) ? Object.entries(body) : []).find(([name]) => /^operations$/i.test(name)) ?? [];
  if (!Array.isArray(list) || list.length === 0 || !list.every((entry) => isObject(entry))) {
    throw new ScimError(400, 'The request has no Operations.', 'invalidSyntax');
  }
  return list;
}

function normalized(type: ResourceType, operation: Readonly<Record<string, unknown>>): PatchOperation[] {
  const op = opOf(operation['op']);
  const { path, value } = operation;
  if (typeof path === 'string' && path.trim() !== '') return onAttribute(type, op, path, value);
  if (path !== undefined && path !== null && path !== '') throw new ScimError(400, 'A path is no text.', 'invalidPath');
  if (op === 'remove') throw new ScimError(400, 'A remove needs a path.', 'noTarget');
  if (!isObject(value)) throw new ScimError(400, 'Without a path the value must be an object.', 'invalidValue');
  return Object.entries(value).flatMap(([key, one]) => onAttribute(type, op, key, one));
}

function opOf(op: unknown): Op {
  const known = typeof op === 'string' ? op.trim().toLowerCase() : '';
  if (known === 'add' || known === 'replace' || known === 'remove') return known;
  throw new ScimError(400, 'An op is none of add, replace and remove.', 'invalidSyntax');
}

function onAttribute(type: ResourceType, op: Op, text: string, value: unknown): PatchOperation[] {
  if (LEFT_ALONE.has(text.trim().toLowerCase())) return [];
  const extension = SCHEMAS[type].find(([urn]) => urn.toLowerCase() === text.trim().toLowerCase())?.[0];
  if (extension !== undefined) return onSchema(type, op, extension, value);
  const path = parseAttributePath(type, text);
  if (!path) return [];
  if (op === 'remove') return [{ op, path, value: removedValue(path, value) }];
  const kept = valueAt(path, value);
  // A value that is none removes what is there (RFC 7643 §2.5).
  return [kept === undefined ? { op: 'remove', path, value: undefined } : { op, path, value: kept }];
}

function onSchema(type: ResourceType, op: Op, urn: string, value: unknown): PatchOperation[] {
  const [, attributes = []] = SCHEMAS[type].find(([id]) => id === urn) ?? [];
  if (op === 'remove') return attributes.flatMap(({ name }) => onAttribute(type, op, `${urn}:${name}`, undefined));
  if (!isObject(value)) throw new ScimError(400, 'The value of a schema must be an object.', 'invalidValue');
  const known = Object.entries(value).filter(([name]) => attributeNamed(attributes, name.split('.')[0] ?? ''));
  return known.flatMap(([name, one]) => onAttribute(type, op, `${urn}:${name}`, one));
}

function valueAt({ attribute, where, part }: AttributePath, value: unknown): unknown {
  if (part) return singleValue(part, value);
  return where.length > 0 ? singleValue(attribute, value) : attributeValue(attribute, value);
}

/** Entra ID names what is to go in the value: `{"op":"Remove","path":"members","value":[{"value":"…"}]}`. */
function removedValue({ attribute, where, part }: AttributePath, value: unknown): unknown {
  if (part || where.length > 0 || attribute.multiValued !== true) return undefined;
  if (value === undefined || value === null) return undefined;
  return attributeValue(attribute, value) ?? [];
}

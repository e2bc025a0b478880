import { ScimError as PatchError, scimPatch, type ScimPatchOperation, type ScimResource } from 'scim-patch';
import type { AttributePath } from './attribute-path.js';
import type { Term } from './filter-terms.js';
import type { PatchOperation } from './patch-operations.js';
import { resourceDocument, type ResourceDocument } from './resource-document.js';
import { ScimError, type ScimType } from './scim-error.js';

/** A user after a PATCH. Throws a ScimError where an operation has no target; nothing has changed then. */
export function patchedUser(user: ResourceDocument, operations: readonly PatchOperation[]): ResourceDocument {
  const resource = structuredClone(user) as Record<string, unknown> & ScimResource;
  try {
    // Sanitized again: what a path of the library makes of a missing list is not always a list.
    return resourceDocument('User', scimPatch(resource, operations.map(asScimPatch)));
  } catch (error) {
    if (error instanceof PatchError) throw refusal(error);
    throw error;
  }
}

function asScimPatch({ op, path, value }: PatchOperation): ScimPatchOperation {
  return op === 'remove' ? { op, path: pathText(path), value } : { op, path: pathText(path), value };
}

function pathText({ extension, attribute, where, part }: AttributePath): string {
  const prefix = extension === undefined ? '' : `${extension}:`;
  const filter = where.length === 0 ? '' : `[${where.map(termText).join(' and ')}]`;
  return `${prefix}${attribute.name}${filter}${part === undefined ? '' : `.${part.name}`}`;
}

/** scim-patch takes a colon for the end of a schema's name and a bracket for the end of the filter, also in a text. */
function termText({ path, value }: Term): string {
  if (typeof value === 'string' && /[:[\]"\\]/.test(value)) {
    throw new ScimError(400, 'The filter of a path holds a character that is not supported there.', 'invalidPath');
  }
  return `${path} eq ${JSON.stringify(value)}`;
}

function refusal(error: PatchError): ScimError {
  const scimType: ScimType = /notarget/i.test(error.scimCode ?? '') ? 'noTarget' : 'invalidPath';
  return new ScimError(400, 'An operation of the PATCH does not fit the user.', scimType);
}

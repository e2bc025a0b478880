import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { SourcePolicy } from './read-policies.js';
import { withoutComments } from './source-text.js';

/** One `Type::"id"` as a policy names it. */
export interface Reference {
  readonly type: string;
  readonly id: string;
  /** Index in the file's text. */
  readonly index: number;
}

const REFERENCE_OR_STRING = /((?:[A-Za-z_]\w*\s*::\s*)+)?"(?:[^"\\]|\\[^])*"/g;

/** Every entity that a policy names, in its scope and in its conditions. */
export function referencesOf(policy: SourcePolicy): Reference[] {
  const found: Reference[] = [];
  for (const match of withoutComments(policy.text).matchAll(REFERENCE_OR_STRING)) {
    if (match[1] === undefined) continue;
    const named = entity(match[0]);
    if (named !== undefined) found.push({ ...named, index: policy.start + match.index });
  }
  return found;
}

/** Cedar itself undoes the escapes, so that we judge the id that it will compare. */
function entity(literal: string): { type: string; id: string } | undefined {
  const parsed = policyToJson(`permit(principal == ${literal}, action, resource);`);
  if (parsed.type === 'failure') return undefined;
  const { principal } = parsed.json;
  if (principal.op !== '==' || !('entity' in principal)) return undefined;
  return '__entity' in principal.entity ? principal.entity.__entity : principal.entity;
}

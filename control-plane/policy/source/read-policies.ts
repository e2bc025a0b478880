import { policySetTextToParts, policyToJson, type DetailedError } from '@cedar-policy/cedar-wasm/nodejs';
import type { Fault, PolicyFile } from '../../config/settings.js';
import { limitFault } from './limits.js';
import { faultAt, indexOfByte, withoutComments } from './source-text.js';

/** One policy, and where in which file it was written. */
export interface SourcePolicy {
  readonly source: PolicyFile;
  /** Index of its first character in the file's text. */
  readonly start: number;
  readonly text: string;
  /** Its id, or `policy #2` where it has none: what faults call it. */
  readonly key: string;
  /** Cedar's annotations; one without a value is null. */
  readonly annotations: Readonly<Record<string, string | null>>;
  readonly effect: 'permit' | 'forbid';
}

interface Found {
  readonly policies: readonly SourcePolicy[];
  readonly faults: readonly Fault[];
}

/** Splits a file into its policies. Never throws: what Cedar can't read is a fault. */
export function readPolicies(source: PolicyFile): Found {
  const limit = limitFault(source);
  if (limit !== undefined) return { policies: [], faults: [limit] };
  const parts = policySetTextToParts(source.text);
  if (parts.type === 'failure') {
    return { policies: [], faults: parts.errors.map((error) => syntaxFault(source, error)) };
  }
  const templates = new Set(parts.policy_templates);
  const located = locate(source.text, [...parts.policies, ...parts.policy_templates]);
  return {
    policies: located.filter(({ text }) => !templates.has(text)).map((part) => sourcePolicy(source, part)),
    faults: located.filter(({ text }) => templates.has(text)).map((part) => templateFault(source, part)),
  };
}

interface Part {
  readonly start: number;
  readonly text: string;
  /** Place in the file, from 1. */
  readonly ordinal: number;
}

/** Cedar hands the parts back verbatim but in another order; only blanks and comments stand between them. */
function locate(text: string, parts: readonly string[]): Part[] {
  const readable = withoutComments(text);
  const left = [...parts];
  const located: Part[] = [];
  let cursor = 0;
  while (left.length > 0) {
    const blanks = readable.slice(cursor).search(/\S/);
    const start = cursor + Math.max(blanks, 0);
    const next = left.findIndex((part) => text.startsWith(part, start));
    const part = left.splice(Math.max(next, 0), 1)[0] ?? '';
    located.push({ start, text: part, ordinal: located.length + 1 });
    if (next >= 0) cursor = start + part.length;
  }
  return located;
}

function sourcePolicy(source: PolicyFile, part: Part): SourcePolicy {
  const parsed = policyToJson(part.text);
  const annotations: Record<string, string | null> = parsed.type === 'success' ? (parsed.json.annotations ?? {}) : {};
  const key = annotations['id'] ?? `policy #${part.ordinal}`;
  const effect = parsed.type === 'success' ? parsed.json.effect : 'forbid';
  return { source, start: part.start, text: part.text, key, annotations, effect };
}

function syntaxFault(source: PolicyFile, error: DetailedError): Fault {
  const where = error.sourceLocations?.[0];
  return faultAt(source, indexOfByte(source.text, where?.start ?? 0), {
    key: '',
    message: `not valid Cedar: ${error.message}`,
    fix: error.help ?? where?.label ?? 'correct the text at this place',
  });
}

function templateFault(source: PolicyFile, part: Part): Fault {
  return faultAt(source, part.start, {
    key: `policy #${part.ordinal}`,
    message: 'this is a template (it has a ?slot); only policies are accepted',
    fix: 'write the principal or the resource out in place of the slot',
  });
}

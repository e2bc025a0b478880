import { createHash } from 'node:crypto';
import type { Fault, PolicyFile, Settings } from '../config/settings.js';
import { annotationFaults, duplicateFaults } from './check-annotations.js';
import { referenceFaults } from './check-references.js';
import { NO_POLICIES, type CompiledPolicies } from './evaluate/evaluate.js';
import { TYPES } from './names.js';
import { schemaFor } from './schema.js';
import { readPolicies, type SourcePolicy } from './source/read-policies.js';
import { referencesOf } from './source/references.js';
import { faultAt } from './source/source-text.js';
import { stepUpOf } from './step-up-annotations.js';
import { validationFaults } from './validate-policies.js';

export interface Compilation {
  /** All of them, in the order of files and lines. */
  readonly faults: readonly Fault[];
  /** Empty, and so denying everything, where there are faults. */
  readonly policies: CompiledPolicies;
}

/** What `compilePolicies` takes: plain data, so that it can go to a thread. */
export type CompileRequest = Parameters<typeof compilePolicies>;

/** Checks all policy files against the settings and makes them one set. Never throws. */
export function compilePolicies(files: readonly PolicyFile[], settings: Settings): Compilation {
  const sorted = files.toSorted((a, b) => compare(a.file, b.file));
  const revision = revisionOf(sorted);
  const { policies, faults } = readAndCheck(sorted.filter(isCedar), settings);
  if (faults.length > 0) return { faults: faults.toSorted(byPlace), policies: { ...NO_POLICIES, revision } };
  const byId = (part: (policy: SourcePolicy) => string) =>
    Object.fromEntries(policies.map((policy) => [policy.key, part(policy)]));
  const texts = byId((policy) => policy.text);
  const reasons = byId((policy) => policy.annotations['reason'] ?? '');
  const demanding = policies.filter((policy) => stepUpOf(policy) !== undefined);
  const stepUps = Object.fromEntries(demanding.map((policy) => [policy.key, stepUpOf(policy) ?? {}]));
  const unlessMet = demanding.filter(({ effect }) => effect === 'forbid').map(({ key }) => key);
  return { faults: [], policies: { revision, texts, reasons, stepUps, unlessMet } };
}

function readAndCheck(files: readonly PolicyFile[], settings: Settings): { policies: SourcePolicy[]; faults: Fault[] } {
  const policies: SourcePolicy[] = [];
  const faults: Fault[] = [];
  for (const file of files) {
    try {
      const found = readPolicies(file);
      policies.push(...found.policies);
      faults.push(...found.faults);
    } catch {
      return { policies: [], faults: [...faults, engineFault(file)] };
    }
  }
  try {
    return { policies, faults: [...faults, ...check(policies, settings)] };
  } catch {
    return { policies: [], faults: [...faults, engineFault({ file: 'policies', text: '' })] };
  }
}

function check(policies: readonly SourcePolicy[], settings: Settings): Fault[] {
  const named = policies.map((policy) => ({ policy, references: referencesOf(policy) }));
  const actions = named.flatMap(({ references }) =>
    references.filter(({ type }) => type === TYPES.action).map(({ id }) => id),
  );
  return [
    ...policies.flatMap(annotationFaults),
    ...duplicateFaults(policies),
    ...named.flatMap(({ policy, references }) => referenceFaults(policy, references, settings)),
    ...validationFaults(policies, schemaFor(settings, actions)),
  ];
}

// A crash inside WebAssembly leaves the engine unusable, so nothing is checked after it.
function engineFault(file: PolicyFile): Fault {
  return faultAt(file, 0, {
    key: '',
    message: 'the policy engine broke down over this text; what comes after it was not checked',
    fix: 'make the policies shorter and less nested, then check again',
  });
}

function isCedar({ file }: PolicyFile): boolean {
  return file.endsWith('.cedar');
}

/** SHA-256 (hex) over names and texts, each led by its length so that no two directories collide. */
function revisionOf(sorted: readonly PolicyFile[]): string {
  const hash = createHash('sha256');
  for (const part of sorted.flatMap(({ file, text }) => [file, text])) {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
  }
  return hash.digest('hex');
}

function byPlace(a: Fault, b: Fault): number {
  return compare(a.file, b.file) || a.line - b.line || a.column - b.column;
}

// Not localeCompare: the revision must not depend on the machine's language.
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

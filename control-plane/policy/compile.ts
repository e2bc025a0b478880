import { createHash } from 'node:crypto';
import type { Fault, PolicyFile, Settings } from '../config/settings.js';
import { approvalFaults } from './approval-annotations.js';
import { assembleArguments, assemblePolicies, misfitsByTool } from './assemble-policies.js';
import { annotationFaults, duplicateFaults } from './check-annotations.js';
import { readersOf, withFindings, type Reader } from './check-arguments.js';
import { referenceFaults } from './check-references.js';
import { alreadySaid, networkFaults, sessionFaults } from './check-session.js';
import { knownDefinitions, NO_DEFINITIONS, type KnownDefinitions } from './definitions/known-definitions.js';
import { readLock } from './definitions/lock-file.js';
import { NO_POLICIES, type CompiledPolicies } from './evaluate/evaluate.js';
import { TYPES } from './names.js';
import { schemaFor } from './schema.js';
import { lintPolicies } from './lint-policies.js';
import { readPolicies, type SourcePolicy } from './source/read-policies.js';
import { referencesOf } from './source/references.js';
import { faultAt } from './source/source-text.js';
import { validationFaults } from './validate-policies.js';

export interface Compilation {
  /** All of them, in the order of files and lines. */
  readonly faults: readonly Fault[];
  /** Those of the faults that come of definitions of tools, which change without the policies. */
  readonly misfits: readonly Fault[];
  /** Those of the misfits that only say that nobody here knows the definition. */
  readonly unseen: readonly Fault[];
  /** What is allowed but hardly meant; none where there are faults other than misfits. */
  readonly warnings: readonly Fault[];
  /** Empty, and so denying everything, where there are faults other than misfits. */
  readonly policies: CompiledPolicies;
}

interface Checked {
  readonly policies: readonly SourcePolicy[];
  readonly faults: readonly Fault[];
  readonly misfits: readonly Fault[];
  readonly readers: readonly Reader[];
}

/** What `compilePolicies` takes: plain data, so that it can go to a thread. */
export type CompileRequest = Parameters<typeof compilePolicies>;

/**
 * Checks all policy files against the settings and makes them one set. Never throws. Where a policy reads arguments that a tool's
 * definition does not have, the set is made without it and denies that tool.
 */
export function compilePolicies(
  files: readonly PolicyFile[],
  settings: Settings,
  known: KnownDefinitions = NO_DEFINITIONS,
): Compilation {
  const sorted = files.toSorted((a, b) => compare(a.file, b.file));
  const revision = revisionOf(sorted);
  const definitions = knownDefinitions(known, readLock(files).lock);
  const { policies, faults, misfits, readers } = readAndCheck(sorted.filter(isCedar), settings, definitions);
  const all = {
    faults: [...faults, ...misfits].toSorted(byPlace),
    misfits: misfits.toSorted(byPlace),
    unseen: readers.flatMap((reader) => reader.unseen).toSorted(byPlace),
  };
  if (faults.length > 0) return { ...all, warnings: [], policies: { ...NO_POLICIES, revision } };
  const unfit = readers.filter((reader) => reader.misfits.length > 0);
  const fit = policies.filter((policy) => !unfit.some((reader) => reader.policy === policy));
  return {
    ...all,
    warnings: lintPolicies(policies).toSorted(byPlace),
    policies: {
      revision,
      ...assemblePolicies(fit),
      ...assembleArguments(
        readers.filter((reader) => !unfit.includes(reader)),
        definitions,
      ),
      misfits: misfitsByTool(unfit),
    },
  };
}

function readAndCheck(files: readonly PolicyFile[], settings: Settings, known: KnownDefinitions): Checked {
  const policies: SourcePolicy[] = [];
  const faults: Fault[] = [];
  const none = { policies: [], misfits: [], readers: [] };
  for (const file of files) {
    try {
      const found = readPolicies(file);
      policies.push(...found.policies);
      faults.push(...found.faults);
    } catch {
      return { ...none, faults: [...faults, engineFault(file)] };
    }
  }
  try {
    const checked = check(policies, settings, known);
    return { ...checked, policies, faults: [...faults, ...checked.faults] };
  } catch {
    return { ...none, faults: [...faults, engineFault({ file: 'policies', text: '' })] };
  }
}

function check(
  policies: readonly SourcePolicy[],
  settings: Settings,
  known: KnownDefinitions,
): Omit<Checked, 'policies'> {
  const named = policies.map((policy) => ({ policy, references: referencesOf(policy) }));
  const actions = named.flatMap(({ references }) =>
    references.filter(({ type }) => type === TYPES.action).map(({ id }) => id),
  );
  const schema = schemaFor(settings, actions, known);
  const readers = withFindings(readersOf(policies, settings, known), schema);
  const others = policies.filter((policy) => !readers.some((reader) => reader.policy === policy));
  return {
    readers,
    misfits: readers.flatMap((reader) => reader.misfits),
    faults: [
      ...policies.flatMap(annotationFaults),
      ...policies.flatMap((policy) => approvalFaults(policy, settings)),
      ...policies.flatMap(sessionFaults),
      ...policies.flatMap((policy) => networkFaults(policy, settings)),
      ...duplicateFaults(policies),
      ...named.flatMap(({ policy, references }) => referenceFaults(policy, references, settings)),
      ...readers.flatMap((reader) => reader.faults),
      ...validationFaults(others, schema).filter((fault) => !alreadySaid(fault)),
    ],
  };
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

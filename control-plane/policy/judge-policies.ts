import { sortedFaults } from '../config/fault-text.js';
import type { Fault, PolicyFile, Settings } from '../config/settings.js';
import { compilePolicies } from './compile.js';
import { knownDefinitions, NO_DEFINITIONS } from './definitions/known-definitions.js';
import { readLock } from './definitions/lock-file.js';
import type { CompiledPolicies } from './evaluate/evaluate.js';
import { readCases } from './tests/read-cases.js';
import { failureOf, nameFaults, runCases, type CaseOutcome } from './tests/run-cases.js';

export interface Judgement {
  /** Of policies and tests, and each test that fails, in the order of files and lines. */
  readonly faults: readonly Fault[];
  readonly policies: CompiledPolicies;
  /** Of every case; empty where faults kept them from being run. */
  readonly outcomes: readonly CaseOutcome[];
}

/**
 * Whether policy files may become active: they compile, and their tests pass. Never throws.
 * @param readable settings as far as they can be read, to find faults by
 * @param settings all of them, to run tests by; undefined where they have faults, and then no test is run
 */
export function judgePolicies(
  files: readonly PolicyFile[],
  readable: Settings,
  settings: Settings | undefined,
): Judgement {
  const { lock, faults: lockFaults } = readLock(files);
  const { faults, policies } = compilePolicies(files, readable, knownDefinitions(NO_DEFINITIONS, lock));
  const { cases, faults: formFaults } = readCases(files);
  const found = [...lockFaults, ...faults, ...formFaults];
  if (found.length > 0 || settings === undefined) return { faults: sortedFaults(found), policies, outcomes: [] };
  const names = nameFaults(cases, policies, settings);
  if (names.length > 0) return { faults: sortedFaults(names), policies, outcomes: [] };
  const outcomes = runCases(cases, policies, settings);
  return { faults: outcomes.filter(({ passed }) => !passed).map(failureOf), policies, outcomes };
}

import { sortedFaults } from '../config/fault-text.js';
import type { Fault, PolicyFile, Settings } from '../config/settings.js';
import { compilePolicies } from './compile.js';
import { NO_DEFINITIONS, type KnownDefinitions } from './definitions/known-definitions.js';
import { readLock } from './definitions/lock-file.js';
import type { CompiledPolicies } from './evaluate/evaluate.js';
import { readCases } from './tests/read-cases.js';
import { failureOf, nameFaults, runCases, type CaseOutcome } from './tests/run-cases.js';

export interface Judgement {
  /** Of policies and tests, and each test that fails, in the order of files and lines. */
  readonly faults: readonly Fault[];
  /** Those of the faults that come of definitions of tools; with one of them no test is run. */
  readonly misfits: readonly Fault[];
  readonly policies: CompiledPolicies;
  /** Of every case; empty where faults kept them from being run. */
  readonly outcomes: readonly CaseOutcome[];
}

/** `judgePolicies` itself, or another thread that runs it. */
export type Judge = (...request: JudgeRequest) => Omit<Judgement, 'outcomes'> | Promise<Omit<Judgement, 'outcomes'>>;

/** What `judgePolicies` takes: plain data, so that it can go to a thread. */
export type JudgeRequest = Parameters<typeof judgePolicies>;

/**
 * Whether policy files may become active: they compile, and their tests pass. Never throws.
 * @param readable settings as far as they can be read, to find faults by
 * @param settings all of them, to run tests by; undefined where they have faults, and then no test is run
 * @param known definitions that were accepted; those of the lock file are known anyway
 */
export function judgePolicies(
  files: readonly PolicyFile[],
  readable: Settings,
  settings: Settings | undefined,
  known: KnownDefinitions = NO_DEFINITIONS,
): Judgement {
  const { faults: lockFaults } = readLock(files);
  const { faults, misfits, policies } = compilePolicies(files, settings ?? readable, known);
  const { cases, faults: formFaults } = readCases(files);
  const found = [...lockFaults, ...faults, ...formFaults];
  if (found.length > 0 || settings === undefined)
    return { faults: sortedFaults(found), misfits, policies, outcomes: [] };
  const names = nameFaults(cases, policies, settings);
  if (names.length > 0) return { faults: sortedFaults(names), misfits, policies, outcomes: [] };
  const outcomes = runCases(cases, policies, settings);
  return { faults: outcomes.filter(({ passed }) => !passed).map(failureOf), misfits, policies, outcomes };
}

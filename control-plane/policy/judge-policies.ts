import { setImmediate as nextTurn } from 'node:timers/promises';
import { sortedFaults } from '../config/fault-text.js';
import type { Fault, PolicyFile, Settings } from '../config/settings.js';
import { compilePolicies } from './compile.js';
import { readLock } from './definitions/lock-file.js';
import type { CompiledPolicies } from './evaluate/evaluate.js';
import { readCases, type SourceCase } from './tests/read-cases.js';
import { failureOf, nameFaults, runCases, type CaseOutcome } from './tests/run-cases.js';

export interface PolicyVerdict {
  /** Of policies and tests, and each test that fails, in the order of files and lines. */
  readonly faults: readonly Fault[];
  /** Those of the faults that come of definitions of tools; with one of them no test is run. */
  readonly misfits: readonly Fault[];
  readonly warnings: readonly string[];
  readonly policies: CompiledPolicies;
  /** Of every case; empty where faults kept them from being run. */
  readonly outcomes: readonly CaseOutcome[];
}

/** `compilePolicies` itself, or another thread that runs it. */
export type Compile = (...request: Parameters<typeof compilePolicies>) => Compiled | Promise<Compiled>;
type Compiled = Pick<ReturnType<typeof compilePolicies>, 'faults' | 'misfits' | 'policies'>;

/** How many cases hold up everything else. */
const AT_ONCE = 100;

/**
 * Whether policy files may become active: they compile, and their tests pass. Never rejects.
 * @param readable settings as far as they can be read, to find faults by
 * @param settings all of them, to run tests by; undefined where they have faults, and then no test is run
 */
export async function judgePolicies(
  files: readonly PolicyFile[],
  readable: Settings,
  settings: Settings | undefined,
  compile: Compile = compilePolicies,
): Promise<PolicyVerdict> {
  const { faults: lockFaults } = readLock(files);
  const { faults, misfits, policies } = await compile(files, settings ?? readable);
  const { cases, faults: formFaults } = readCases(files);
  const warnings = files.some(({ file }) => file.endsWith('.cedar'))
    ? []
    : ['there is no policy, so nothing is permitted'];
  const found = [...lockFaults, ...faults, ...formFaults];
  const judged = { misfits, policies, warnings, outcomes: [] };
  if (found.length > 0 || settings === undefined) return { ...judged, faults: sortedFaults(found) };
  const names = nameFaults(cases, policies, settings);
  if (names.length > 0) return { ...judged, faults: sortedFaults(names) };
  const outcomes = await runInTurns(cases, policies, settings);
  return { ...judged, faults: outcomes.filter(({ passed }) => !passed).map(failureOf), outcomes };
}

async function runInTurns(
  cases: readonly SourceCase[],
  policies: CompiledPolicies,
  settings: Settings,
): Promise<CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  for (let start = 0; start < cases.length; start += AT_ONCE) {
    outcomes.push(...runCases(cases.slice(start, start + AT_ONCE), policies, settings));
    await nextTurn();
  }
  return outcomes;
}

import { sortedFaults } from '../../config/fault-text.js';
import type { Fault, PolicyFile, Settings } from '../../config/settings.js';
import type { CompiledPolicies } from '../evaluate/evaluate.js';
import { qualify } from '../names.js';
import { readCases, type SourceCase } from './read-cases.js';
import { nameFaults, runCases, type CaseOutcome } from './run-cases.js';

export interface TestReport {
  /** Of the files' form, of names that mean nothing, and each case that fails. */
  readonly faults: readonly Fault[];
  /** Of every case that was run; none where a file or a name is faulty. */
  readonly outcomes: readonly CaseOutcome[];
}

/** What `testPolicies` takes: plain data, so that it can go to a thread. */
export type TestRequest = Parameters<typeof testPolicies>;

/**
 * Reads the cases of all test files and decides them. A tool that is denied because a policy does not fit its definition proves
 * nothing: its cases are left out, so that a server that changes breaks no test of others.
 * @param compiled without it, the files' form is all that is looked at
 */
export function testPolicies(
  files: readonly PolicyFile[],
  compiled?: { readonly policies: CompiledPolicies; readonly settings: Settings },
): TestReport {
  const { cases, faults } = readCases(files);
  if (faults.length > 0 || compiled === undefined) return { faults: sortedFaults(faults), outcomes: [] };
  const { policies, settings } = compiled;
  const names = nameFaults(cases, policies, settings);
  if (names.length > 0) return { faults: sortedFaults(names), outcomes: [] };
  return runCases(
    cases.filter((one) => !isHeld(one, policies)),
    policies,
    settings,
  );
}

function isHeld({ is: { server, tool } }: SourceCase, { misfits }: CompiledPolicies): boolean {
  return tool !== undefined && Object.hasOwn(misfits, qualify(server, tool));
}

import { faultText, sortedFaults } from '../config/fault-text.js';
import type { Fault, PolicyFile, Settings } from '../config/settings.js';
import { compilePolicies, type Compilation, type CompileRequest } from './compile.js';
import { readLock } from './definitions/lock-file.js';
import type { CompiledPolicies } from './evaluate/evaluate.js';
import type { CaseOutcome } from './tests/run-cases.js';
import { testPolicies, type TestReport, type TestRequest } from './tests/test-policies.js';

export interface PolicyVerdict {
  /** Of policies and tests, and each test that fails, in the order of files and lines. */
  readonly faults: readonly Fault[];
  /** Those of the faults that come of definitions of tools; cases about these tools are not run. */
  readonly misfits: readonly Fault[];
  /** Those of the misfits that only say that nobody here knows the definition. */
  readonly unseen: readonly Fault[];
  readonly warnings: readonly string[];
  readonly policies: CompiledPolicies;
  /** Of every case that was run; empty where faults kept them from it. */
  readonly outcomes: readonly CaseOutcome[];
}

/** How policies are checked: here, or in a thread that nothing waits for. */
export interface PolicyChecks {
  readonly compile: (...request: CompileRequest) => Compilation | Promise<Compilation>;
  readonly test: (...request: TestRequest) => TestReport | Promise<TestReport>;
}

const HERE: PolicyChecks = { compile: compilePolicies, test: testPolicies };

/**
 * Whether policy files may become active: they compile, and their tests pass. Never rejects.
 * @param readable settings as far as they can be read, to find faults by
 * @param settings all of them, to run tests by; undefined where they have faults, and then no test is run
 */
export async function judgePolicies(
  files: readonly PolicyFile[],
  readable: Settings,
  settings: Settings | undefined,
  checks: PolicyChecks = HERE,
): Promise<PolicyVerdict> {
  const { faults: lockFaults } = readLock(files);
  const compiled = await checks.compile(files, settings ?? readable);
  const { misfits, unseen, policies } = compiled;
  const sound = lockFaults.length === 0 && compiled.faults.length === misfits.length;
  const tested = await checks.test(files, sound && settings ? { policies, settings } : undefined);
  const faults = sortedFaults([...lockFaults, ...compiled.faults, ...tested.faults]);
  const lints = compiled.warnings.map(faultText);
  const warnings = files.some(({ file }) => file.endsWith('.cedar')) ? lints : [NO_POLICY, ...lints];
  return { faults, misfits, unseen, warnings, policies, outcomes: tested.outcomes };
}

const NO_POLICY = 'policies/*.cedar: there is no policy, so nothing is permitted to anyone';

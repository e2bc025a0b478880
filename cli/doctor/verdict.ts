import { ERRORS } from '#shared/errors.js';
import type { Finding } from './finding.js';

export interface Verdict {
  readonly failed: number;
  readonly warnings: number;
  readonly fine: number;
  readonly skipped: number;
  /** Exit code of the first failed check; 0 where none failed. */
  readonly exit: number;
}

export function verdictOf(findings: readonly Finding[]): Verdict {
  const count = (state: Finding['state']): number => findings.filter((finding) => finding.state === state).length;
  const first = findings.find(({ state }) => state === 'failed');
  return {
    failed: count('failed'),
    warnings: count('warning'),
    fine: count('ok'),
    skipped: count('skipped'),
    exit: first ? ERRORS[first.code ?? 'internal'].exit : 0,
  };
}

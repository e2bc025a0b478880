import type { Company } from '../company/company.js';
import { calling, type Target } from '../load/calls.js';
import type { LoadGenerator } from '../load/generator.js';
import type { LoadJob } from '../load/job.js';

/** Of one run of load; each row has several. */
export const SECONDS = 1;
export const TOOL = 'tool_00';
export const SERVER = 'bench0';
export const MANY = 64;

/** Everything that is measured, running. */
export interface Field {
  readonly load: LoadGenerator;
  readonly rounds: number;
  readonly upstream: string;
  readonly bare: string;
  readonly nginx: { readonly url: string } | { readonly absent: string } | Error;
  readonly sqlite: Company;
  /** Started when it is first asked for. */
  readonly postgres: () => Promise<Company | { readonly absent: string } | Error>;
}

export function manyCalls(to: Target): LoadJob {
  return calling(TOOL, to, MANY, SECONDS);
}

export function oneCall(to: Target): LoadJob {
  return calling(TOOL, to, 1, SECONDS);
}

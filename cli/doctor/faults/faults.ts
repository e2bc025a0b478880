import { describeFault, type CheckName, type FactsOf, type FaultForm, type Found } from '../finding.js';
import { ACCOUNT_FAULTS } from './account.js';
import { LAPTOP_FAULTS } from './laptop.js';
import { NETWORK_FAULTS } from './network.js';

/** Everything that doctor can find, by check, in the order of the checks. The table of docs/guides/troubleshooting.md is this one. */
export const FAULTS = { ...LAPTOP_FAULTS, ...NETWORK_FAULTS, ...ACCOUNT_FAULTS } as const satisfies Record<
  CheckName,
  Record<string, FaultForm>
>;

type Faults = typeof FAULTS;

/** What a check says of a fault of its own. The facts are shown: nothing secret may be among them. */
export function fault<C extends keyof Faults, N extends keyof Faults[C] & string>(
  check: C,
  name: N,
  facts: Faults[C][N] extends FaultForm ? FactsOf<Faults[C][N]> : never,
): Found {
  const forms: Readonly<Record<string, FaultForm>> = FAULTS[check];
  return describeFault(name, forms[name]!, facts);
}

/** What any check can end with, beside its own faults. */
export const COMMON_FAULTS = {
  not_finished: {
    text: 'This did not come to an end within {seconds} seconds.',
    fix: {
      person: 'you',
      task: 'Run mcp-sso doctor again; if it stays, send a report: mcp-sso doctor --bundle report.json',
    },
  },
  check_broken: {
    text: 'This could not be looked at. {problem}',
    fix: { person: 'administrator', task: 'Tell us: this is a defect of mcp-sso doctor.' },
  },
} as const;

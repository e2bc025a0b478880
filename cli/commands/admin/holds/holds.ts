import { Command } from 'commander';
import { example, type Mount } from '../../command.js';
import { addHoldsCreate } from './create.js';
import { addHoldsList } from './list.js';
import { addHoldsRelease } from './release.js';

/** `mcp-sso admin holds …`: what must be kept as evidence. */
export function addHolds({ program, run }: Mount): void {
  const holds = new Command('holds')
    .description('Keep audit records from being erased and from expiring (legal hold)')
    .addHelpText('after', example('mcp-sso admin holds list'));
  addHoldsCreate({ program: holds, run });
  addHoldsList({ program: holds, run });
  addHoldsRelease({ program: holds, run });
  program.addCommand(holds);
}

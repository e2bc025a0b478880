import { Command } from 'commander';
import { example, type Mount } from '../command.js';
import { addPolicyCheck } from './check.js';

/** `mcp-sso policy …`, for people with the author or owner role. */
export function addPolicy({ program, run }: Mount): void {
  const policy = new Command('policy')
    .description('Check, test, compare, publish and roll back policies')
    .addHelpText('after', example('mcp-sso policy check ./mcp-sso'));
  addPolicyCheck({ program: policy, run });
  program.addCommand(policy);
}

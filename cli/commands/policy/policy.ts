import { Command } from 'commander';
import { example, type Mount } from '../command.js';
import { addPolicyCheck } from './check.js';
import { addPolicyDiff } from './diff.js';
import { addPolicyGrid } from './grid.js';
import { addPolicyInit } from './init.js';
import { addPolicyPublish } from './publish.js';
import { addPolicyRollback } from './rollback.js';
import { addPolicyTest } from './test.js';
import { addPolicyExplain } from './explain.js';
import { addPolicyReplay } from './replay.js';
import { addPolicyShadow } from './shadow.js';

/** `mcp-sso policy …`, for people with the author or owner role. */
export function addPolicy({ program, run }: Mount): void {
  const policy = new Command('policy')
    .description('Check, test, compare, publish and roll back policies')
    .addHelpText('after', example('mcp-sso policy check ./mcp-sso'));
  addPolicyInit({ program: policy, run });
  addPolicyCheck({ program: policy, run });
  addPolicyTest({ program: policy, run });
  addPolicyDiff({ program: policy, run });
  addPolicyPublish({ program: policy, run });
  addPolicyRollback({ program: policy, run });
  addPolicyGrid({ program: policy, run });
  addPolicyExplain({ program: policy, run });
  addPolicyReplay({ program: policy, run });
  addPolicyShadow({ program: policy, run });
  program.addCommand(policy);
}

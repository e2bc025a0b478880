import { PATHS, SCOPES } from '#shared/api/paths.js';
import { policyCheckSchema, type PolicyCheck } from '#shared/api/policies.js';
import { ERRORS } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { faultLine } from './fault-line.js';
import { readPolicyTexts } from './policy-texts.js';

export function addPolicyCheck({ program, run }: Mount): void {
  program.addCommand(
    newCommand('check', 'Name every fault of policies, and every test that fails', 'mcp-sso policy check ./mcp-sso')
      .argument('[dir]', 'the directory with policies/', './mcp-sso')
      .action((directory: string, options: CommonOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.policiesRead]);
          return checkPolicies(context, directory, (...request) => api.request(...request));
        }),
      ),
  );
}

/** Resolves to 3 where anything is wrong. */
export async function checkPolicies(context: CommandContext, directory: string, call: CallApi): Promise<number> {
  const policies = await readPolicyTexts(directory);
  const check = readAnswer(policyCheckSchema, await call('POST', `${PATHS.policies}/check`, { policies }));
  context.stdout(context.json ? jsonLine(check) : describe(check, directory));
  return check.faults.length === 0 ? 0 : ERRORS.config_invalid.exit;
}

function describe({ faults, warnings, policies, cases }: PolicyCheck, directory: string): string {
  const lines = [...warnings.map((warning) => `warning: ${warning}`), ...faults.map(faultLine)];
  const end =
    faults.length === 0
      ? [
          `ok: ${counted(policies, 'policy', 'policies')}, ${counted(cases, 'case', 'cases')} passed.`,
          `Next: mcp-sso policy diff ${directory}`,
        ]
      : ['', `${counted(faults.length, 'fault', 'faults')}. Correct, then run: mcp-sso policy check ${directory}`];
  return `${[...lines, ...end].join('\n')}\n`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

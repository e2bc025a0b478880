import { PATHS, SCOPES } from '#shared/api/paths.js';
import { policyTestSchema, type CaseResult, type PolicyTest } from '#shared/api/policies.js';
import { ERRORS } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { printable } from '../../system/printable.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { faultLine } from './fault-line.js';
import { readPolicyTexts } from './policy-texts.js';

export function addPolicyTest({ program, run }: Mount): void {
  program.addCommand(
    newCommand('test', 'Run the tests of policies, and say what came of each', 'mcp-sso policy test ./mcp-sso')
      .argument('[dir]', 'the directory with policies/ (default: the policies in force)')
      .action((directory: string | undefined, options: CommonOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.policiesRead]);
          return testPolicies(context, directory, (...request) => api.request(...request));
        }),
      ),
  );
}

/** Resolves to 3 where a test fails, or could not be run. */
export async function testPolicies(
  context: CommandContext,
  directory: string | undefined,
  call: CallApi,
): Promise<number> {
  const content = directory === undefined ? {} : { policies: await readPolicyTexts(directory) };
  const tested = readAnswer(policyTestSchema, await call('POST', `${PATHS.policies}/test`, content));
  context.stdout(context.json ? jsonLine(tested) : describe(tested));
  const green = tested.faults.length === 0 && tested.results.every(({ passed }) => passed);
  return green ? 0 : ERRORS.config_invalid.exit;
}

function describe({ faults, results }: PolicyTest): string {
  if (faults.length > 0) return `${faults.map(faultLine).join('\n')}\n\nNo test was run: correct these first.\n`;
  if (results.length === 0) return 'There are no tests. Write some: docs/guides/policies.md\n';
  const failed = results.filter(({ passed }) => !passed).length;
  const end = failed === 0 ? `${results.length} passed.` : `${failed} of ${results.length} failed.`;
  return `${[...results.map(line), '', end].join('\n')}\n`;
}

function line({ file, line: at, name, passed, expected, outcome, policies, reason }: CaseResult): string {
  const by = policies.length === 0 ? 'no policy' : policies.join(', ');
  const came = passed ? `${outcome} by ${by}` : `expected ${expected}, got ${outcome} by ${by}: ${reason}`;
  return printable(`${passed ? 'ok    ' : 'FAILED'}  ${file}:${at}  ${name}: ${came}`);
}

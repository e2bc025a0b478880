import { PATHS, SCOPES } from '#shared/api/paths.js';
import { policyDiffSchema, type PolicyDiff } from '#shared/api/policies.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { printable } from '../../system/printable.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { readPolicyTexts } from './policy-texts.js';
import { revisionNumber } from './revision-number.js';

interface DiffOptions extends CommonOptions {
  readonly from?: number;
  readonly to?: number;
}

export function addPolicyDiff({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'diff',
      'What is different from the policies in force, and whom it concerns',
      'mcp-sso policy diff ./mcp-sso',
    )
      .argument('[dir]', 'the directory with policies/ (default: ./mcp-sso)')
      .option('--from <number>', 'compare a revision instead, with --to or with the one in force', revisionNumber)
      .option('--to <number>', 'the later revision', revisionNumber)
      .action((directory: string | undefined, options: DiffOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.policiesRead]);
          return diffPolicies(context, directory, options, (...request) => api.request(...request));
        }),
      ),
  );
}

export async function diffPolicies(
  context: CommandContext,
  directory: string | undefined,
  { from, to }: DiffOptions,
  call: CallApi,
): Promise<number> {
  if (from !== undefined && directory !== undefined) {
    throw new CodedError('usage', { message: 'Name either a directory or, with --from, a revision.' });
  }
  if (from === undefined && to !== undefined) {
    throw new CodedError('usage', { message: 'Name the earlier revision too, with --from.' });
  }
  const revisions = to === undefined ? { from } : { from, to };
  const content = from === undefined ? { policies: await readPolicyTexts(directory ?? './mcp-sso') } : revisions;
  const diff = readAnswer(policyDiffSchema, await call('POST', `${PATHS.policies}/diff`, content));
  context.stdout(context.json ? jsonLine(diff) : describe(diff));
  return 0;
}

function describe(diff: PolicyDiff): string {
  const { from, to, policies, files } = diff;
  const title = `From revision ${from} to ${to === null ? 'these files' : `revision ${to}`}:`;
  if (policies.length === 0 && files.length === 0) return `${title} nothing is different.\n`;
  const parts = [
    ...policies.map(
      ({ id, change, policy, diff: lines }) => `${change} ${policy.effect} ${id} (${policy.file})\n${lines}`,
    ),
    ...files.map(({ file, change, diff: lines }) => `${change} ${file}\n${lines}`),
  ];
  return `${title}\n\n${parts.map(printableLines).join('\n\n')}\n\n${concerned(diff)}\n`;
}

function concerned({ policies, servers, principals, everyServer, everybody }: PolicyDiff): string {
  if (policies.length === 0) return 'No policy is different.';
  const where = everyServer ? 'every server' : servers.join(', ');
  return printable(`Concerns ${everybody ? 'everybody' : principals.join(', ')} at ${where}.`);
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

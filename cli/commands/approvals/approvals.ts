import { Command } from 'commander';
import { approvalListSchema, approvalSchema } from '#shared/api/approvals.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { TIME_ZONE } from '../admin/list-options.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { example, jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { printApproval, printApprovals } from './approval-text.js';

interface ReadOptions extends CommonOptions {
  readonly tz?: string;
}

interface DecideOptions extends ReadOptions {
  readonly reason?: string;
}

const ID = ['<id>', 'id of the request, as the list shows it'] as const;

/** `mcp-sso approvals …`: calls of others that wait for the approval of the person at the terminal. */
export function addApprovals({ program, run }: Mount): void {
  const approvals = new Command('approvals')
    .description('See the calls that wait for your approval, and decide them')
    .addHelpText('after', example('mcp-sso approvals show apr_3f9…'));
  approvals.addCommand(
    newCommand('list', 'Calls that you may approve, and your own that wait', 'mcp-sso approvals list')
      .option(...TIME_ZONE)
      .action((options: ReadOptions) => run(options, (context) => listApprovals(context, options, reading(context)))),
    { isDefault: true },
  );
  approvals.addCommand(
    newCommand('show', 'One call with its arguments', 'mcp-sso approvals show apr_3f9…')
      .argument(...ID)
      .option(...TIME_ZONE)
      .action((id: string, options: ReadOptions) =>
        run(options, (context) => showApproval(context, id, options, reading(context))),
      ),
  );
  for (const verdict of ['approve', 'refuse'] as const) {
    const description = verdict === 'approve' ? 'Let the call of somebody else go on' : 'End the call of somebody else';
    approvals.addCommand(
      newCommand(verdict, description, `mcp-sso approvals ${verdict} apr_3f9…`)
        .argument(...ID)
        .option('--reason <text>', 'for the audit, and told to who asked where it is refused')
        .option(...TIME_ZONE)
        .action((id: string, options: DecideOptions) =>
          run(options, (context) => decideApproval(context, id, verdict, options, writing(context))),
        ),
    );
  }
  program.addCommand(approvals);
}

export async function listApprovals(context: CommandContext, { tz }: ReadOptions, call: CallApi): Promise<number> {
  const zone = requireZone(tz);
  const list = readAnswer(approvalListSchema, await call('GET', PATHS.approvals));
  context.stdout(context.json ? jsonLine(list) : printApprovals(list.approvals, zone));
  return 0;
}

export async function showApproval(
  context: CommandContext,
  id: string,
  { tz }: ReadOptions,
  call: CallApi,
): Promise<number> {
  const zone = requireZone(tz);
  const approval = readAnswer(approvalSchema, await call('GET', pathOf(id)));
  context.stdout(context.json ? jsonLine(approval) : printApproval(approval, zone));
  return 0;
}

export async function decideApproval(
  context: CommandContext,
  id: string,
  verdict: 'approve' | 'refuse',
  { tz, reason }: DecideOptions,
  call: CallApi,
): Promise<number> {
  const zone = requireZone(tz);
  const content = { verdict, ...(reason === undefined ? {} : { reason }) };
  const approval = readAnswer(approvalSchema, await call('POST', `${pathOf(id)}/decision`, content));
  context.stdout(context.json ? jsonLine(approval) : printApproval(approval, zone));
  return 0;
}

function pathOf(id: string): string {
  return `${PATHS.approvals}/${encodeURIComponent(id)}`;
}

function reading(context: CommandContext): CallApi {
  const api = new AdminApi(context, [SCOPES.approvalsRead]);
  return (method, path) => api.request(method, path);
}

function writing(context: CommandContext): CallApi {
  const api = new AdminApi(context, [SCOPES.approvalsRead, SCOPES.approvalsWrite]);
  return (method, path, content) => api.request(method, path, content);
}

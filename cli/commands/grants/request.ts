import { grantRequestSchema } from '#shared/api/grants.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { durationText, readMinutes } from '../../time-phrases/duration.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { targetText } from './grant-target.js';

interface RequestOptions extends CommonOptions {
  readonly reason: string;
  readonly for?: number;
}

export function addRequest({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'request',
      'Ask for access after a denial, by the reference that it gave',
      'mcp-sso grants request 019ab1c2-… --reason "Quarterly clean-up" --for 2h',
    )
      .argument('<reference>', 'reference of the denial')
      .requiredOption('--reason <text>', 'what you need it for; the approver reads it')
      .option('--for <duration>', 'how long: 30m, 2h (default: an hour, or what is allowed here)', readMinutes)
      .action((reference: string, options: RequestOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.self]);
          return requestGrant(context, reference, options, (...request) => api.request(...request));
        }),
      ),
  );
}

export async function requestGrant(
  context: CommandContext,
  reference: string,
  { reason, for: minutes }: RequestOptions,
  call: CallApi,
): Promise<number> {
  const content = { reference, reason, ...(minutes === undefined ? {} : { minutes }) };
  const request = readAnswer(grantRequestSchema, await call('POST', `${PATHS.grants}/requests`, content));
  context.stdout(
    context.json
      ? jsonLine(request)
      : `Asked for ${targetText(request)} for ${durationText(request.minutes)}: ${request.id}\n` +
          'An approver decides. See what came of it: mcp-sso grants requests --user me --all\n',
  );
  return 0;
}

import { PATHS, SCOPES } from '#shared/api/paths.js';
import { readMinutes } from '../../time-phrases/duration.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import { apiFor, printAnswer } from './one-grant.js';

interface ApproveOptions extends CommonOptions {
  readonly for?: number;
}

export function addApprove({ program, run }: Mount): void {
  program.addCommand(
    newCommand('approve', 'Give what somebody asked for', 'mcp-sso grants approve grq_3f9… --for 10m')
      .argument('<request>', 'id of the request, as `grants requests` shows it')
      .option('--for <duration>', 'shorter than was asked: 10m, 1h', readMinutes)
      .action((id: string, options: ApproveOptions) =>
        run(options, async (context) => {
          const call = apiFor(context, [SCOPES.grantsRead, SCOPES.grantsWrite]);
          const content = options.for === undefined ? {} : { minutes: options.for };
          const answer = await call('POST', `${PATHS.grants}/requests/${encodeURIComponent(id)}/give`, content);
          return printAnswer(context, 'Given, from the next call on.\n\n', answer);
        }),
      ),
  );
}

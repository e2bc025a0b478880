import { PATHS, SCOPES } from '#shared/api/paths.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import { apiFor, printAnswer } from './one-grant.js';

interface ReviewOptions extends CommonOptions {
  readonly note: string;
}

export function addReview({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'review',
      'Say that you looked into somebody’s break-glass access',
      'mcp-sso grants review gra_3f9… --note "Outage 4711, all calls were needed"',
    )
      .argument('<grant>', 'id of the grant, as the list shows it')
      .requiredOption('--note <text>', 'what you found; it goes on record')
      .action((id: string, options: ReviewOptions) =>
        run(options, async (context) => {
          const call = apiFor(context, [SCOPES.grantsRead, SCOPES.grantsWrite]);
          const path = `${PATHS.grants}/${encodeURIComponent(id)}/review`;
          return printAnswer(context, 'Reviewed.\n\n', await call('POST', path, { note: options.note }));
        }),
      ),
  );
}

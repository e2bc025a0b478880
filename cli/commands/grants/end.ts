import { PATHS, SCOPES } from '#shared/api/paths.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import { apiFor, printAnswer } from './one-grant.js';

export function addEnd({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'end',
      'End a grant before its time: another’s as an approver, your own always',
      'mcp-sso grants end gra_3f9…',
    )
      .argument('<grant>', 'id of the grant, as the list shows it')
      .action((id: string, options: CommonOptions) =>
        run(options, async (context) => {
          const call = apiFor(context, [SCOPES.grantsRead, SCOPES.grantsWrite]);
          const answer = await call('DELETE', `${PATHS.grants}/${encodeURIComponent(id)}`);
          return printAnswer(context, 'Ended: it opens nothing from the next call on.\n\n', answer);
        }),
      ),
  );
}

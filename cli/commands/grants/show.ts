import { PATHS, SCOPES } from '#shared/api/paths.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { TIME_ZONE } from '../admin/list-options.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import { apiFor, printAnswer } from './one-grant.js';

interface ShowOptions extends CommonOptions {
  readonly tz?: string;
}

export function addShow({ program, run }: Mount): void {
  program.addCommand(
    newCommand('show', 'All that is known of one grant', 'mcp-sso grants show gra_3f9…')
      .argument('<grant>', 'id of the grant, as the list shows it')
      .option(...TIME_ZONE)
      .action((id: string, options: ShowOptions) =>
        run(options, async (context) => {
          const zone = requireZone(options.tz);
          const call = apiFor(context, [SCOPES.grantsRead]);
          return printAnswer(context, '', await call('GET', `${PATHS.grants}/${encodeURIComponent(id)}`), zone);
        }),
      ),
  );
}

import { SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { TIME_ZONE } from '../admin/list-options.js';
import type { CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { printSession } from '../sessions/session-detail.js';
import { ownSession } from './own-sessions.js';

interface ShowOptions extends CommonOptions {
  readonly tz?: string;
}

export function addSessionsShow({ program, run }: Mount): void {
  program.addCommand(
    newCommand('show', 'All that is known of one of your sessions', 'mcp-sso me sessions show ses_3f9…')
      .argument('<session>', 'id of the session, as the list shows it')
      .option(...TIME_ZONE)
      .action((id: string, options: ShowOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.sessionsRead]);
          return showOwnSession(context, id, options, (method, path) => api.request(method, path));
        }),
      ),
  );
}

export async function showOwnSession(
  context: CommandContext,
  id: string,
  { tz }: ShowOptions,
  call: CallApi,
): Promise<number> {
  const zone = requireZone(tz);
  const session = await ownSession(call, id);
  context.stdout(context.json ? jsonLine(session) : printSession(session, zone, 'mcp-sso me sessions end'));
  return 0;
}

import { SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import type { CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { fetchSessions } from '../sessions/fetch-sessions.js';
import { withListOptions, type ListOptions } from './list-options.js';
import { printSessions } from '../sessions/session-table.js';

export function addSessionsList({ program, run }: Mount): void {
  const list = newCommand(
    'list',
    'Who is signed in, from where, through which app',
    'mcp-sso admin sessions --user bob',
  );
  program.addCommand(
    withListOptions(list).action((options: ListOptions) =>
      run(options, (context) => {
        const api = new AdminApi(context, [SCOPES.sessionsRead]);
        return listSessions(context, options, (method, path) => api.request(method, path));
      }),
    ),
    { isDefault: true },
  );
}

export async function listSessions(context: CommandContext, options: ListOptions, call: CallApi): Promise<number> {
  const zone = requireZone(options.tz);
  const { items: sessions, more } = await fetchSessions(call, options);
  if (context.json) context.stdout(jsonLine({ sessions, more }));
  else if (sessions.length === 0)
    context.stdout('No live session matches. See who has signed in: mcp-sso admin users\n');
  else context.stdout(printSessions(sessions, { more, zone }));
  return 0;
}

import { ME, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { withPageOptions, type ListOptions } from '../admin/list-options.js';
import type { CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { fetchSessions } from '../sessions/fetch-sessions.js';
import { printSessions } from '../sessions/session-table.js';
import { signInsHere } from '../sessions/sign-ins-here.js';

export function addSessionsList({ program, run }: Mount): void {
  const list = newCommand('list', 'Where you are signed in, and through which app', 'mcp-sso me sessions');
  program.addCommand(
    withPageOptions(list).action((options: ListOptions) =>
      run(options, (context) => {
        const api = new AdminApi(context, [SCOPES.sessionsRead]);
        const call: CallApi = (method, path) => api.request(method, path);
        return listOwnSessions(context, options, call, () => signInsHere(context));
      }),
    ),
    { isDefault: true },
  );
}

export async function listOwnSessions(
  context: CommandContext,
  { limit, tz }: ListOptions,
  call: CallApi,
  here: () => Promise<ReadonlySet<string>>,
): Promise<number> {
  const zone = requireZone(tz);
  const { items: sessions, more } = await fetchSessions(call, { user: ME, limit });
  if (context.json) context.stdout(jsonLine({ sessions, more }));
  else if (sessions.length === 0) context.stdout('You have no live session. Sign in: mcp-sso login\n');
  else context.stdout(printSessions(sessions, { more, zone, own: true, here: await here() }));
  return 0;
}

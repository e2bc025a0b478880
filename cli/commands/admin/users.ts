import { PATHS, SCOPES } from '#shared/api/paths.js';
import { userPageSchema } from '#shared/api/users.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { fetchPages } from './fetch-pages.js';
import { withListOptions, type ListOptions } from './list-options.js';
import { printUsers } from './user-table.js';
import { addUsersErase } from './users-erase.js';

export function addUsers({ program, run }: Mount): void {
  const users = newCommand('users', 'Who has signed in here, in which groups, and when last', 'mcp-sso admin users');
  addUsersErase({ program: users, run });
  program.addCommand(
    withListOptions(users).action((options: ListOptions) =>
      run(options, (context) => {
        const api = new AdminApi(context, [SCOPES.usersRead]);
        return listUsers(context, options, (method, path) => api.request(method, path));
      }),
    ),
  );
}

export async function listUsers(context: CommandContext, options: ListOptions, call: CallApi): Promise<number> {
  const zone = requireZone(options.tz);
  const { items: users, more } = await fetchPages(PATHS.users, options, async (path) => {
    const page = readAnswer(userPageSchema, await call('GET', path));
    return { items: page.users, nextCursor: page.nextCursor };
  });
  context.stdout(context.json ? jsonLine({ users, more }) : printUsers(users, more, zone));
  return 0;
}

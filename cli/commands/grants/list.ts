import { grantPageSchema } from '#shared/api/grants.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { fetchPages } from '../admin/fetch-pages.js';
import { withListOptions, type ListOptions } from '../admin/list-options.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { printGrants } from './grant-table.js';

interface GrantsOptions extends ListOptions {
  readonly all?: boolean;
}

export function addList({ program, run }: Mount): void {
  const list = newCommand(
    'list',
    'Who has access for some time, to what, and until when',
    'mcp-sso grants list --user me',
  );
  program.addCommand(
    withListOptions(list)
      .option('--all', 'those that have ended too')
      .action((options: GrantsOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.grantsRead]);
          return listGrants(context, options, (...request) => api.request(...request));
        }),
      ),
    { isDefault: true },
  );
}

async function listGrants(context: CommandContext, options: GrantsOptions, call: CallApi): Promise<number> {
  const zone = requireZone(options.tz);
  const filter = options.all === true ? { state: 'all' } : {};
  const { items: grants, more } = await fetchPages(PATHS.grants, { ...options, filter }, async (page) => {
    const answer = readAnswer(grantPageSchema, await call('GET', page));
    return { items: answer.grants, nextCursor: answer.nextCursor };
  });
  context.stdout(context.json ? jsonLine({ grants, more }) : printGrants(grants, more, zone));
  return 0;
}

import { grantRequestPageSchema } from '#shared/api/grants.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { fetchPages } from '../admin/fetch-pages.js';
import { withListOptions, type ListOptions } from '../admin/list-options.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { printRequests } from './grant-table.js';

interface RequestsOptions extends ListOptions {
  readonly all?: boolean;
}

export function addRequests({ program, run }: Mount): void {
  const list = newCommand('requests', 'Requests for access that wait for an answer', 'mcp-sso grants requests');
  program.addCommand(
    withListOptions(list)
      .option('--all', 'those that were answered or have expired too')
      .action((options: RequestsOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.grantsRead]);
          return listRequests(context, options, (...request) => api.request(...request));
        }),
      ),
  );
}

export async function listRequests(context: CommandContext, options: RequestsOptions, call: CallApi): Promise<number> {
  const zone = requireZone(options.tz);
  const path = `${PATHS.grants}/requests`;
  const filter = options.all === true ? { state: 'all' } : {};
  const { items: requests, more } = await fetchPages(path, { ...options, filter }, async (page) => {
    const answer = readAnswer(grantRequestPageSchema, await call('GET', page));
    return { items: answer.requests, nextCursor: answer.nextCursor };
  });
  context.stdout(context.json ? jsonLine({ requests, more }) : printRequests(requests, more, zone));
  return 0;
}

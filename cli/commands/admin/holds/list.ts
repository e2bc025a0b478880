import { holdPageSchema } from '#shared/api/holds.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../../sign-in/admin-api.js';
import { requireZone } from '../../../time-phrases/time-range.js';
import { readAnswer, type CallApi } from '../../api-answer.js';
import { jsonLine, newCommand, type Mount } from '../../command.js';
import type { CommandContext } from '../../context.js';
import { fetchPages } from '../fetch-pages.js';
import { withPageOptions, type ListOptions } from '../list-options.js';
import { printHolds } from './hold-table.js';

interface HoldsOptions extends Omit<ListOptions, 'user'> {
  readonly all?: boolean;
}

export function addHoldsList({ program, run }: Mount): void {
  const list = newCommand('list', 'What is under legal hold, and who put it there', 'mcp-sso admin holds list --all');
  program.addCommand(
    withPageOptions(list)
      .option('--all', 'those that were released too')
      .action((options: HoldsOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.holdsRead]);
          return listHolds(context, options, (...request) => api.request(...request));
        }),
      ),
    { isDefault: true },
  );
}

export async function listHolds(context: CommandContext, options: HoldsOptions, call: CallApi): Promise<number> {
  const zone = requireZone(options.tz);
  const filter = options.all === true ? { state: 'all' } : {};
  const { items: holds, more } = await fetchPages(PATHS.holds, { limit: options.limit, filter }, async (page) => {
    const answer = readAnswer(holdPageSchema, await call('GET', page));
    return { items: answer.holds, nextCursor: answer.nextCursor };
  });
  context.stdout(context.json ? jsonLine({ holds, more }) : printHolds(holds, more, zone));
  return 0;
}

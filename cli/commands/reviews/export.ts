import { PATHS, SCOPES } from '#shared/api/paths.js';
import { lockSchema } from '#shared/api/reviews.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';

interface ExportOptions extends CommonOptions {
  readonly server?: string;
}

export function addReviewsExport({ program, run }: Mount): void {
  program.addCommand(
    newCommand('export', 'All accepted definitions, to be committed', 'mcp-sso reviews export > mcp-sso.lock.yaml')
      .option('--server <id>', 'of one server')
      .action((options: ExportOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.reviewsRead]);
          return exportLock(context, options, (...request) => api.request(...request));
        }),
      ),
  );
}

export async function exportLock(context: CommandContext, { server }: ExportOptions, call: CallApi): Promise<number> {
  const query = server === undefined ? '' : `?${new URLSearchParams({ server }).toString()}`;
  const lock = readAnswer(lockSchema, await call('GET', `${PATHS.reviews}/lock${query}`));
  context.stdout(context.json ? jsonLine(lock) : lock.text);
  return 0;
}

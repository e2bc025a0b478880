import { exportListSchema } from '#shared/api/exports.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { printExports } from './export-table.js';
import { TIME_ZONE } from './list-options.js';

interface ExportsOptions extends CommonOptions {
  readonly tz?: string;
}

export function addExports({ program, run }: Mount): void {
  program.addCommand(
    newCommand('exports', 'How far the audit exports are, and the places for checkpoints', 'mcp-sso admin exports')
      .option(...TIME_ZONE)
      .action((options: ExportsOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.auditRead]);
          return listExports(context, options, (method, path) => api.request(method, path));
        }),
      ),
  );
}

export async function listExports(context: CommandContext, { tz }: ExportsOptions, call: CallApi): Promise<number> {
  const zone = requireZone(tz);
  const list = readAnswer(exportListSchema, await call('GET', PATHS.exports));
  context.stdout(context.json ? jsonLine(list) : printExports(list, zone));
  return 0;
}

import { SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { printable } from '../../system/printable.js';
import { requireUrl, resolveSettings } from '../../system/settings.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import type { ReadApi } from '../api-answer.js';
import { exportLog } from './export-log.js';

interface AuditExportOptions extends CommonOptions {
  readonly to: string;
  readonly since?: string;
  readonly payloads?: boolean;
}

export function addAuditExport({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'export',
      'Write the audit log to a folder, to be checked offline',
      'mcp-sso audit export --to ./audit-2026-11',
    )
      .requiredOption('--to <folder>', 'a new or empty folder')
      .option('--since <file>', 'a checkpoint: export only what came after it')
      .option('--payloads', 'the personal part of records too, for auditors')
      .action((options: AuditExportOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.auditRead]);
          return exportAudit(context, options, (path) => api.request('GET', path));
        }),
      ),
  );
}

/** Throws `usage` for a folder that is not empty. */
export async function exportAudit(
  context: CommandContext,
  { to, since, payloads = false }: AuditExportOptions,
  read: ReadApi,
): Promise<number> {
  const source = requireUrl(await resolveSettings(context)).value;
  const manifest = await exportLog(read, {
    folder: to,
    ...(since === undefined ? {} : { since }),
    payloads,
    source,
    now: context.now(),
  });
  const { from, records } = manifest;
  if (context.json) context.stdout(`${JSON.stringify({ folder: to, from, records, payloads })}\n`);
  else {
    const range = records === 0 ? `none after record ${from - 1}` : `records ${from} to ${from + records - 1}`;
    context.stdout(
      `Exported ${records} audit records (${range}) to ${printable(to)}.\nCheck them anywhere: mcp-sso audit verify --export ${printable(to)} --key KEY\n`,
    );
  }
  return 0;
}

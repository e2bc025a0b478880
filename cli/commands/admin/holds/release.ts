import { holdSchema } from '#shared/api/holds.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../../sign-in/admin-api.js';
import { TimeZone } from '../../../time-phrases/time-zone.js';
import { readAnswer, type CallApi } from '../../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../../command.js';
import type { CommandContext } from '../../context.js';
import { printHold } from './hold-table.js';

interface ReleaseOptions extends CommonOptions {
  readonly reason: string;
}

export function addHoldsRelease({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'release',
      'Release a legal hold: what it alone covered may be erased and may expire',
      'mcp-sso admin holds release hld_3f9… --reason "Case 2026-117 is closed"',
    )
      .argument('<hold>', 'id of the hold, as the list shows it')
      .requiredOption('--reason <text>', 'why; it goes on record')
      .action((id: string, options: ReleaseOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.holdsWrite]);
          return releaseHold(context, id, options.reason, (...request) => api.request(...request));
        }),
      ),
  );
}

export async function releaseHold(
  context: CommandContext,
  id: string,
  reason: string,
  call: CallApi,
  zone = TimeZone.ofThisMachine(),
): Promise<number> {
  const answer = await call('POST', `${PATHS.holds}/${encodeURIComponent(id)}/release`, { reason });
  const hold = readAnswer(holdSchema, answer);
  context.stdout(context.json ? jsonLine(hold) : `Released.\n\n${printHold(hold, zone)}`);
  return 0;
}

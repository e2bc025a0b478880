import { holdSchema } from '#shared/api/holds.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../../sign-in/admin-api.js';
import { readOpenRange, requireZone } from '../../../time-phrases/time-range.js';
import { TIME_EXAMPLES } from '../../../time-phrases/time-phrase.js';
import { readAnswer, type CallApi } from '../../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../../command.js';
import type { CommandContext } from '../../context.js';
import { TIME_ZONE } from '../list-options.js';
import { printHold } from './hold-table.js';

export interface CreateOptions extends CommonOptions {
  readonly user?: string;
  readonly server?: string;
  readonly from?: string;
  readonly to?: string;
  readonly everything?: boolean;
  readonly tz?: string;
}

export function addHoldsCreate({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'create',
      'Put records under legal hold: those that meet all that is named',
      'mcp-sso admin holds create "Case 2026-117" --user bob@example.com --server crm --from 2026-01-01',
    )
      .argument('<name>', 'the case or the matter; it goes on record')
      .option('--user <who>', 'records of this person: id or e-mail address')
      .option('--server <id>', 'records of this server')
      .option('--from <time>', `records since then: ${TIME_EXAMPLES}`)
      .option('--to <time>', 'records until then; a day is included whole')
      .option('--everything', 'every record there is, and will be')
      .option(...TIME_ZONE)
      .action((name: string, options: CreateOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.holdsWrite]);
          return createHold(context, name, options, (...request) => api.request(...request));
        }),
      ),
  );
}

/** Throws `usage` where nothing is named and `--everything` is not said, or both are. */
export async function createHold(
  context: CommandContext,
  name: string,
  options: CreateOptions,
  call: CallApi,
): Promise<number> {
  const zone = requireZone(options.tz);
  const { user: person, server, everything = false } = options;
  const { since, until } = readOpenRange(options, context.now().getTime(), zone);
  const named = {
    ...(person === undefined ? {} : { person }),
    ...(server === undefined ? {} : { server }),
    ...(since === undefined ? {} : { from: new Date(since).toISOString() }),
    ...(until === undefined ? {} : { to: new Date(until).toISOString() }),
  };
  if ((Object.keys(named).length === 0) !== everything) {
    throw new CodedError('usage', {
      message: everything
        ? '--everything goes with none of --user, --server, --from and --to.'
        : 'Say what to hold: --user, --server, --from or --to, or --everything for every record there is.',
    });
  }
  const content = { name, ...(everything ? { everything } : named) };
  const hold = readAnswer(holdSchema, await call('POST', PATHS.holds, content));
  context.stdout(context.json ? jsonLine(hold) : `Held from now on.\n\n${printHold(hold, zone)}`);
  return 0;
}

import { ownActivitySchema, type OwnActivity } from '#shared/api/own-activity.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { TIME_EXAMPLES } from '../../time-phrases/time-phrase.js';
import { readTimeRange, requireZone, type TimeRange } from '../../time-phrases/time-range.js';
import { readAnswer, type ReadApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { signInsHere } from '../sessions/sign-ins-here.js';
import { activityText } from './activity-text.js';

export interface ActivityOptions extends CommonOptions {
  readonly since: string;
  readonly until?: string;
  readonly tz?: string;
}

/** Rows: sign-in, app, server and tool make one. */
const MOST_ROWS = 500;

export function addActivity({ program, run }: Mount): void {
  program.addCommand(
    newCommand('activity', 'What your agents did as you', 'mcp-sso me --since yesterday')
      .option('--since <time>', `${TIME_EXAMPLES}; a day without --until is that day only`, 'today')
      .option('--until <time>', 'the same; a day is included whole')
      .option('--tz <zone>', 'time zone to read and print times in (default: this machine’s)')
      .action((options: ActivityOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.auditRead]);
          const here = (): Promise<ReadonlySet<string>> => signInsHere(context);
          return showActivity(context, options, (path) => api.request('GET', path), here);
        }),
      ),
    { isDefault: true },
  );
}

/** Prints what was called as the person. Throws `usage` for a time or zone that it can't read. */
export async function showActivity(
  context: CommandContext,
  options: ActivityOptions,
  read: ReadApi,
  here: () => Promise<ReadonlySet<string>>,
): Promise<number> {
  const zone = requireZone(options.tz);
  const range = readTimeRange({ since: options.since, until: options.until }, context.now().getTime(), zone);
  const activity = await fetchActivity(read, range);
  if (context.json) context.stdout(jsonLine(activity));
  else context.stdout(activityText(activity, range, zone, await here()));
  return 0;
}

async function fetchActivity(read: ReadApi, { since = 0, until }: TimeRange): Promise<OwnActivity> {
  const query = new URLSearchParams({ since: new Date(since).toISOString(), limit: String(MOST_ROWS) });
  if (until !== undefined) query.set('until', new Date(until).toISOString());
  return readAnswer(ownActivitySchema, await read(`${PATHS.ownActivity}?${query.toString()}`));
}

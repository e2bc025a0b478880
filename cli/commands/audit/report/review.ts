import { accessReviewSchema, type AccessReviewRow } from '#shared/api/audit-reports.js';
import { requireZone } from '../../../time-phrases/time-range.js';
import { readAnswer, type ReadApi } from '../../api-answer.js';
import { newCommand } from '../../command.js';
import type { CommandContext } from '../../context.js';
import { personColumn, time } from './columns.js';
import { fetchRows } from './fetch-rows.js';
import { printReport, type Column } from './print-report.js';
import type { MountReport } from './report.js';
import { rangeFilters, rangeOf, withReportOptions, type ReportOptions } from './report-options.js';

const COLUMNS: readonly Column<AccessReviewRow>[] = [
  personColumn(),
  { title: 'Groups', value: ({ groups }) => (groups === null ? null : groups.join(' ')) },
  { title: 'Calls', value: ({ calls }) => calls },
  { title: 'Denied', value: ({ denied }) => denied },
  { title: 'Last used', value: ({ lastUsed }) => time(lastUsed) },
  { title: 'Tools', value: ({ tools }) => tools.join(' ') },
  { title: 'Grants', value: ({ grants }) => grants.join(' ') },
  { title: 'Own account', value: ({ connected }) => (connected ? 'connected' : null) },
];

/** For the reviewer to fill in. */
const SIGN_OFF: readonly Column<AccessReviewRow>[] = ['Keep or revoke', 'Reviewed by', 'Reviewed on'].map((title) => ({
  title,
  value: () => null,
}));

interface Options extends ReportOptions {
  readonly server: string;
  readonly since?: string;
}

export function addAccessReview({ program, read }: MountReport): void {
  const command = newCommand(
    'review',
    'Who has access to one server; its owners (servers.*.owners) need no role for it',
    'mcp-sso audit report review --server crm --csv > crm-review.csv',
  );
  program.addCommand(
    withReportOptions(command)
      .requiredOption('--server <id>', 'id of the MCP server')
      .option('--since <time>', 'count calls from then on')
      .action((options: Options) => read(options, reportReview)),
  );
}

export async function reportReview(context: CommandContext, options: Options, read: ReadApi): Promise<number> {
  const { server, since, csv, limit } = options;
  const zone = requireZone(options.tz);
  const range = since === undefined ? {} : { since: rangeOf({ since }, context.now(), zone).since };
  const filters = { server, ...(range.since === undefined ? {} : rangeFilters({ since: range.since })) };
  const found = await fetchRows(read, 'review', filters, limit, (answer) => readAnswer(accessReviewSchema, answer));
  const notes = [
    'Listed is who called, holds a grant or has connected an account. Whom policies would let in besides: mcp-sso policy explain.',
  ];
  const columns = csv === true ? [...COLUMNS, ...SIGN_OFF] : COLUMNS;
  printReport(context, { columns, ...found, notes }, { csv, zone });
  return 0;
}

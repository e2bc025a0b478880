import { accessReportSchema, type AccessRow } from '#shared/api/audit-reports.js';
import { requireZone } from '../../../time-phrases/time-range.js';
import { readAnswer, type ReadApi } from '../../api-answer.js';
import { newCommand } from '../../command.js';
import type { CommandContext } from '../../context.js';
import { personColumn, serverColumn, time } from './columns.js';
import { fetchRows } from './fetch-rows.js';
import { printReport, type Column } from './print-report.js';
import type { MountReport } from './report.js';
import {
  callFilters,
  rangeOf,
  withCallFilters,
  withReportOptions,
  type CallOptions,
  type ReportOptions,
} from './report-options.js';

const EXAMPLE = `mcp-sso audit report access --client claude --server "financial reporting" --since "last tuesday"
  mcp-sso audit report access --group sales --since "30 days ago" --csv > sales.csv`;

const COLUMNS: readonly Column<AccessRow>[] = [
  personColumn(),
  serverColumn(),
  { title: 'Client', value: ({ client }) => client.id },
  { title: 'App (claimed)', value: ({ client }) => client.claimedName },
  { title: 'Calls', value: ({ calls }) => calls },
  { title: 'Denied', value: ({ denied }) => denied },
  { title: 'Tools', value: ({ tools }) => tools },
  { title: 'First', value: ({ first }) => time(first) },
  { title: 'Last', value: ({ last }) => time(last) },
];

type Options = ReportOptions & CallOptions;

export function addAccessReport({ program, read }: MountReport): void {
  const command = newCommand('access', 'Which people reach which servers, through which apps', EXAMPLE);
  program.addCommand(
    withReportOptions(withCallFilters(command)).action((options: Options) => read(options, reportAccess)),
  );
}

export async function reportAccess(context: CommandContext, options: Options, read: ReadApi): Promise<number> {
  const zone = requireZone(options.tz);
  const filters = callFilters(options, rangeOf(options, context.now(), zone));
  const found = await fetchRows(read, 'access', filters, options.limit, (answer) =>
    readAnswer(accessReportSchema, answer),
  );
  printReport(context, { columns: COLUMNS, ...found }, { csv: options.csv, zone });
  return 0;
}

import { InvalidArgumentError } from 'commander';
import { unusedReportSchema, type UnusedRow } from '#shared/api/audit-reports.js';
import { requireZone } from '../../../time-phrases/time-range.js';
import { readAnswer, type ReadApi } from '../../api-answer.js';
import { newCommand } from '../../command.js';
import type { CommandContext } from '../../context.js';
import { personColumn, serverColumn, time } from './columns.js';
import { reportPath } from './fetch-rows.js';
import { printReport, type Column } from './print-report.js';
import type { MountReport } from './report.js';
import { withReportOptions, type ReportOptions } from './report-options.js';

const COLUMNS: readonly Column<UnusedRow>[] = [
  { title: 'Kind', value: ({ kind }) => kind },
  { title: 'Id', value: ({ id }) => id },
  personColumn(),
  serverColumn(),
  { title: 'Tool', value: ({ tool }) => tool },
  { title: 'Given', value: ({ since }) => time(since) },
  { title: 'Last used', value: ({ lastUsed }) => time(lastUsed) },
];

type Options = ReportOptions & { readonly days: number };

export function addUnusedReport({ program, read }: MountReport): void {
  const command = newCommand(
    'unused-grants',
    'Grants, approvals, connections and policies of which no call has made use',
    'mcp-sso audit report unused-grants --days 90',
  );
  program.addCommand(
    withReportOptions(command)
      .option('--days <n>', 'for how many days', readDays, 90)
      .action((options: Options) => read(options, reportUnused)),
  );
}

export async function reportUnused(context: CommandContext, options: Options, read: ReadApi): Promise<number> {
  const zone = requireZone(options.tz);
  const query = new URLSearchParams({ days: String(options.days) });
  const { rows, more } = readAnswer(unusedReportSchema, await read(reportPath('unused-grants', query)));
  const shown = rows.slice(0, options.limit);
  const notes = [`No call has made use of these in the last ${options.days} days.`];
  const report = { columns: COLUMNS, rows: shown, more: more || shown.length < rows.length, notes };
  printReport(context, report, { csv: options.csv, zone });
  return 0;
}

function readDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 3650) return days;
  throw new InvalidArgumentError('Write a number of days from 1 to 3650.');
}

import { denialsReportSchema, type DenialRow } from '#shared/api/audit-reports.js';
import { requireZone } from '../../../time-phrases/time-range.js';
import { readAnswer, type ReadApi } from '../../api-answer.js';
import { newCommand } from '../../command.js';
import type { CommandContext } from '../../context.js';
import { personColumn, serverColumn, time } from './columns.js';
import { reportPath } from './fetch-rows.js';
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

const MAX_ROWS = 1000;

const COLUMNS: readonly Column<DenialRow>[] = [
  { title: 'Times', value: ({ count }) => count },
  { title: 'Person', value: personColumn<DenialRow>().value },
  serverColumn(),
  { title: 'Tool', value: ({ target }) => target },
  {
    title: 'Why',
    value: ({ policies, code }) => [...policies, ...(code === null ? [] : [code])].join(' ') || 'none permits it',
  },
  { title: 'Last', value: ({ last }) => time(last) },
  { title: 'Reference', value: ({ samples }) => samples.at(-1) ?? null },
];

type Options = ReportOptions & CallOptions;

export function addDenialsReport({ program, read }: MountReport): void {
  const example = 'mcp-sso audit report denials --since "7 days ago"';
  const command = newCommand('denials', 'What was denied, to whom and why, the most frequent first', example);
  program.addCommand(
    withReportOptions(withCallFilters(command), 100).action((options: Options) => read(options, reportDenials)),
  );
}

export async function reportDenials(context: CommandContext, options: Options, read: ReadApi): Promise<number> {
  const zone = requireZone(options.tz);
  const { decision: _denied, ...filters } = callFilters(options, rangeOf(options, context.now(), zone));
  const query = new URLSearchParams({ ...filters, limit: String(Math.min(options.limit, MAX_ROWS)) });
  const found = readAnswer(denialsReportSchema, await read(reportPath('denials', query)));
  printReport(context, { columns: COLUMNS, ...found }, { csv: options.csv, zone });
  return 0;
}

import {
  comparisonReportSchema,
  exposureReportSchema,
  type ComparisonRow,
  type ExposureRow,
} from '#shared/api/audit-reports.js';
import { CodedError } from '#shared/errors.js';
import { requireZone } from '../../../time-phrases/time-range.js';
import { readAnswer, type ReadApi } from '../../api-answer.js';
import { newCommand } from '../../command.js';
import type { CommandContext } from '../../context.js';
import { serverColumn, targetColumn, time } from './columns.js';
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

const EXAMPLE = `mcp-sso audit report exposure --group sales --since "30 days ago"
  mcp-sso audit report exposure --compare contractors,staff`;

const COLUMNS: readonly Column<ExposureRow>[] = [
  { title: 'Group', value: ({ group }) => group ?? '(not on record)' },
  serverColumn(),
  targetColumn(),
  { title: 'Effect', value: ({ effect }) => effect },
  { title: 'Calls', value: ({ calls }) => calls },
  { title: 'Denied', value: ({ denied }) => denied },
  { title: 'People', value: ({ persons }) => persons },
  { title: 'Last', value: ({ last }) => time(last) },
];

type Options = ReportOptions & CallOptions & { readonly compare?: string };

export function addExposureReport({ program, read }: MountReport): void {
  const command = newCommand('exposure', 'Which groups reach which tools, and what those do', EXAMPLE);
  program.addCommand(
    withReportOptions(withCallFilters(command))
      .option('--compare <left,right>', 'two groups: what both reach, and what one alone')
      .action((options: Options) => read(options, reportExposure)),
  );
}

export async function reportExposure(context: CommandContext, options: Options, read: ReadApi): Promise<number> {
  const zone = requireZone(options.tz);
  const filters = callFilters(options, rangeOf(options, context.now(), zone));
  if (options.compare !== undefined) return compareGroups(context, options, filters, read);
  const found = await fetchRows(read, 'exposure', filters, options.limit, (answer) =>
    readAnswer(exposureReportSchema, answer),
  );
  const notes = ['A person counts in each of their groups, as they were at the call. The effect is that of today.'];
  printReport(context, { columns: COLUMNS, ...found, notes }, { csv: options.csv, zone });
  return 0;
}

async function compareGroups(
  context: CommandContext,
  { compare = '', csv, tz, limit }: Options,
  filters: Readonly<Record<string, string>>,
  read: ReadApi,
): Promise<number> {
  const [left = '', right = '', ...others] = compare.split(',').map((group) => group.trim());
  const allowed = new Set(['server', 'tool', 'since', 'until']);
  if (left === '' || right === '' || others.length > 0)
    throw wrong('--compare takes two groups, as contractors,staff.');
  const foreign = Object.keys(filters).find((name) => !allowed.has(name));
  if (foreign !== undefined) throw wrong(`--compare does not go with --${foreign}.`);
  const found = await fetchRows(read, 'comparison', { ...filters, left, right }, limit, (answer) =>
    readAnswer(comparisonReportSchema, answer),
  );
  const count = (by: ComparisonRow['reachedBy']): number => found.rows.filter((row) => row.reachedBy === by).length;
  const notes = [
    `${left} and ${right} both reach ${count('both')} of them, ${left} alone ${count('left')}, ${right} alone ${count('right')}.`,
  ];
  printReport(context, { columns: comparisonColumns(left, right), ...found, notes }, { csv, zone: requireZone(tz) });
  return 0;
}

function comparisonColumns(left: string, right: string): readonly Column<ComparisonRow>[] {
  const words = { both: 'both', left: `only ${left}`, right: `only ${right}` };
  return [
    { title: 'Reached by', value: ({ reachedBy }) => words[reachedBy] },
    serverColumn(),
    targetColumn(),
    { title: 'Effect', value: ({ effect }) => effect },
    { title: `Calls of ${left}`, value: (row) => row.left.calls },
    { title: 'People', value: (row) => row.left.persons },
    { title: `Calls of ${right}`, value: (row) => row.right.calls },
    { title: 'People', value: (row) => row.right.persons },
  ];
}

function wrong(message: string): CodedError {
  return new CodedError('usage', { message });
}

import { printable } from '../../../system/printable.js';
import { clockText } from '../../../time-phrases/clock-text.js';
import type { TimeZone } from '../../../time-phrases/time-zone.js';
import { jsonLine } from '../../command.js';
import type { CommandContext } from '../../context.js';
import { alignColumns } from '../../table.js';
import { csvText } from '../csv.js';

/** One column of a report. A `Date` is a time; null is nothing. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | Date | null;
}

interface Report<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** There are others, which the limit cut off. */
  readonly more: boolean;
  /** Sentences below the table. */
  readonly notes?: readonly string[];
}

const DERIVED =
  'Counted from the audit’s index, which is derived from the records. What the signed records themselves say: mcp-sso audit search; a proof of one call: mcp-sso audit receipt REFERENCE.';

/** Prints a report as table, CSV or JSON. Resolves to nothing that is not in its rows. */
export function printReport<Row>(
  context: CommandContext,
  { columns, rows, more, notes = [] }: Report<Row>,
  { csv = false, zone }: { readonly csv?: boolean | undefined; readonly zone: TimeZone },
): void {
  if (context.json) return context.stdout(jsonLine({ rows, more }));
  const titles = columns.map(({ title }) => title);
  if (csv) {
    const cells = rows.map((row) => columns.map(({ value }) => machineCell(value(row))));
    context.stdout(csvText([titles, ...cells]));
    return more ? context.stderr(`${MORE}\n`) : undefined;
  }
  if (rows.length === 0) return context.stdout(`Nothing matches.\n${DERIVED}\n`);
  const lines = rows.map((row) => columns.map(({ value }) => tableCell(value(row), zone)));
  const count = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}. Times are ${zone.name}.`;
  const end = ['', count, ...(more ? [MORE] : []), ...notes, DERIVED];
  context.stdout(`${[...alignColumns([titles.map((title) => title.toUpperCase()), ...lines]), ...end].join('\n')}\n`);
}

const MORE = 'More rows match: raise --limit or narrow the report.';

function machineCell(value: string | number | Date | null): string | number | null {
  return value instanceof Date ? value.toISOString() : value;
}

function tableCell(value: string | number | Date | null, zone: TimeZone): string {
  if (value === null || value === '') return '-';
  return value instanceof Date ? clockText(value.getTime(), zone) : printable(String(value));
}

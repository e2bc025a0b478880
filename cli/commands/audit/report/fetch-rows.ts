import { PATHS } from '#shared/api/paths.js';
import type { ReadApi } from '../../api-answer.js';

const MAX_PAGE = 5000;

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
}

/** The rows of a report of the API, page by page up to the limit. `readPage` takes an answer apart. */
export async function fetchRows<Row>(
  read: ReadApi,
  report: string,
  filters: Readonly<Record<string, string>>,
  limit: number,
  readPage: (answer: unknown) => Page<Row>,
): Promise<{ readonly rows: Row[]; readonly more: boolean }> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ ...filters, limit: String(Math.min(MAX_PAGE, limit - rows.length)) });
    if (cursor !== null) query.set('cursor', cursor);
    const page = readPage(await read(reportPath(report, query)));
    rows.push(...page.rows);
    cursor = page.rows.length > 0 ? page.nextCursor : null;
  } while (cursor !== null && rows.length < limit);
  return { rows, more: cursor !== null };
}

export function reportPath(report: string, query: URLSearchParams): string {
  return `${PATHS.auditReports}/${report}?${query.toString()}`;
}

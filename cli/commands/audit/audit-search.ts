import { InvalidArgumentError, Option } from 'commander';
import { auditPageSchema, type AuditEntry, type AuditPage } from '#shared/api/audit.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { TIME_EXAMPLES } from '../../time-phrases/time-phrase.js';
import { readTimeRange, requireZone, type TimeRange } from '../../time-phrases/time-range.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { readAnswer, type ReadApi } from '../api-answer.js';
import { printEntries } from './entry-table.js';

const MAX_LIMIT = 100_000;
const MAX_PAGE = 1000;
const FILTERS = ['user', 'client', 'server', 'tool', 'decision'] as const;

export interface AuditSearchOptions extends CommonOptions, Partial<Record<(typeof FILTERS)[number], string>> {
  readonly since?: string;
  readonly until?: string;
  readonly tz?: string;
  readonly limit: number;
}

const EXAMPLE = `mcp-sso audit search --client claude --server "financial reporting" --since "last tuesday"`;

export function addAuditSearch({ program, run }: Mount): void {
  program.addCommand(
    newCommand('search', 'Who did what, through which app, and who decided', EXAMPLE)
      .option('--user <who>', 'e-mail address, the part before its @, name, or id of a person; me for your own')
      .option('--client <app>', 'part of the app’s name, as it claims or as it is registered')
      .option('--server <server>', 'id or title of an MCP server')
      .option('--tool <tool>', 'exact name of a tool, prompt or resource')
      .addOption(new Option('--decision <decision>', 'what was decided').choices(['allow', 'deny']))
      .option('--since <time>', `${TIME_EXAMPLES}; a day without --until is that day only`)
      .option('--until <time>', 'the same; a day is included whole')
      .option('--tz <zone>', 'time zone to read and print times in (default: this machine’s)')
      .option('--limit <n>', `newest entries to print, at most ${MAX_LIMIT}`, readLimit, 100)
      .action((options: AuditSearchOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.auditRead]);
          return searchAudit(context, options, (path) => api.request('GET', path));
        }),
      ),
  );
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Write a number from 1 to ${MAX_LIMIT}.`);
}

/** Prints the entries that match. Throws `usage` for a time or zone that it can't read. */
export async function searchAudit(
  context: CommandContext,
  options: AuditSearchOptions,
  read: ReadApi,
): Promise<number> {
  const zone = requireZone(options.tz);
  const range = readTimeRange(options, context.now().getTime(), zone);
  const page = await fetchEntries(read, filters(options, range), options.limit);
  if (context.json) context.stdout(`${JSON.stringify({ ...rfc3339(range), ...page })}\n`);
  else context.stdout(printEntries(page, range, zone));
  return 0;
}

function filters(options: AuditSearchOptions, range: TimeRange): Map<string, string> {
  const given = FILTERS.map((name) => [name, options[name]] as const);
  const times = Object.entries(rfc3339(range));
  return new Map([...given, ...times].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
}

function rfc3339({ since, until }: TimeRange): { since: string | null; until: string | null } {
  return { since: formatTime(since), until: formatTime(until) };
}

function formatTime(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}

async function fetchEntries(read: ReadApi, query: ReadonlyMap<string, string>, limit: number): Promise<AuditPage> {
  const entries: AuditEntry[] = [];
  let nextCursor: string | null = null;
  do {
    const parameters = new URLSearchParams([...query]);
    parameters.set('limit', String(Math.min(MAX_PAGE, limit - entries.length)));
    if (nextCursor !== null) parameters.set('cursor', nextCursor);
    const page = readAnswer(auditPageSchema, await read(`${PATHS.audit}?${parameters.toString()}`));
    entries.push(...page.entries);
    nextCursor = page.entries.length > 0 ? page.nextCursor : null;
  } while (nextCursor !== null && entries.length < limit);
  return { entries, nextCursor };
}

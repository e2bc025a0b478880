import { InvalidArgumentError, Option } from 'commander';
import { auditPageSchema, type AuditEntry, type AuditPage } from '#shared/api/audit.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { TIME_EXAMPLES } from '../../time-phrases/time-phrase.js';
import { readTimeRange, requireZone, type TimeRange } from '../../time-phrases/time-range.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { readAnswer, type ReadApi } from '../api-answer.js';
import { printEntries } from './entry-table.js';

const MAX_LIMIT = 100_000;
const MAX_PAGE = 1000;
/** Options that are parameters of the API by the same name. */
const FILTERS = [
  ...([
    'user',
    'group',
    'client',
    'server',
    'tool',
    'decision',
    'policy',
    'outcome',
    'type',
    'session',
    'trace',
  ] as const),
  ...(['agentSession', 'text'] as const),
];
const OUTCOMES = ['ok', 'tool_error', 'error', 'cancelled', 'unknown'];

export interface AuditSearchOptions extends CommonOptions, Partial<Record<(typeof FILTERS)[number], string>> {
  readonly since?: string;
  readonly until?: string;
  readonly tz?: string;
  /** With `text`: as far back as records go, and not one page. */
  readonly all?: boolean;
  readonly limit: number;
}

const EXAMPLE = `mcp-sso audit search --client claude --server "financial reporting" --since "last tuesday"
  mcp-sso audit search --group contractors --decision deny --since "7 days ago"
  mcp-sso audit search --trace 4bf92f3577b34da6a3ce929d0e0e4736
  mcp-sso audit search --text "invoice 4711" --server crm --since yesterday --all`;

export function addAuditSearch({ program, run }: Mount): void {
  program.addCommand(
    newCommand('search', 'Who did what, through which app, and who decided', EXAMPLE)
      .option('--user <who>', 'e-mail address, the part before its @, name, or id of a person; me for your own')
      .option('--group <group>', 'of the person as of then: okta/sales, or sales of any provider')
      .option('--client <app>', 'part of the app’s name, as it claims or as it is registered')
      .option('--server <server>', 'id or title of an MCP server')
      .option('--tool <tool>', 'exact name of a tool, prompt or resource')
      .addOption(new Option('--decision <decision>', 'what was decided').choices(['allow', 'deny']))
      .option('--policy <id>', 'a policy that decided')
      .addOption(new Option('--outcome <outcome>', 'what came of the call').choices(OUTCOMES))
      .option('--type <type>', 'kind of record, for example tool.call or auth.sign-in')
      .option('--session <id>', 'one sign-in')
      .option('--trace <id>', 'trace id (W3C Trace Context)')
      .option('--agent-session <id>', 'the app’s own id of its conversation, which it claims (auditors)')
      .option('--text <text>', 'in captured arguments and results, which are sealed and opened one by one (auditors)')
      .option('--all', 'with --text: look through all records that the other options leave')
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
  const page = await fetchEntries(read, filters(options, range), options);
  if (context.json) context.stdout(jsonLine({ ...rfc3339(range), ...page }));
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

interface SearchLimits {
  readonly limit: number;
  readonly all?: boolean;
}

/** A search for text may find nothing on a page and still have more to look at: `all` goes on until there is nothing left. */
async function fetchEntries(
  read: ReadApi,
  query: ReadonlyMap<string, string>,
  { limit, all = false }: SearchLimits,
): Promise<AuditPage> {
  const entries: AuditEntry[] = [];
  let records = 0;
  let page: AuditPage = { entries, nextCursor: null };
  do {
    const parameters = new URLSearchParams([...query]);
    parameters.set('limit', String(Math.min(MAX_PAGE, limit - entries.length)));
    if (page.nextCursor !== null) parameters.set('cursor', page.nextCursor);
    page = readAnswer(auditPageSchema, await read(`${PATHS.audit}?${parameters.toString()}`));
    entries.push(...page.entries);
    records += page.looked?.records ?? 0;
    if (page.entries.length === 0 && !all) break;
  } while (page.nextCursor !== null && entries.length < limit);
  const { nextCursor, looked } = page;
  return { entries, nextCursor, ...(looked ? { looked: { ...looked, records } } : {}) };
}

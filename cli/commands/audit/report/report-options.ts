import { InvalidArgumentError, Option, type Command } from 'commander';
import { readTimeRange, type TimeRange } from '../../../time-phrases/time-range.js';
import { TIME_EXAMPLES } from '../../../time-phrases/time-phrase.js';
import type { TimeZone } from '../../../time-phrases/time-zone.js';
import type { CommonOptions } from '../../command.js';

const MAX_LIMIT = 100_000;

/** How a report is printed. */
export interface ReportOptions extends CommonOptions {
  readonly csv?: boolean;
  readonly tz?: string;
  readonly limit: number;
}

export interface RangeOptions {
  readonly since?: string;
  readonly until?: string;
}

const CALLS = ['user', 'group', 'client', 'server', 'tool', 'decision', 'policy'] as const;
export type CallOptions = RangeOptions & Partial<Record<(typeof CALLS)[number], string>>;

export function withReportOptions(command: Command, limit = 1000): Command {
  return command
    .option('--csv', 'print comma-separated values (RFC 4180), times as RFC 3339')
    .option('--tz <zone>', 'time zone to read and print times in (default: this machine’s)')
    .option('--limit <n>', `rows to print, at most ${MAX_LIMIT}`, readLimit, limit);
}

function withRange(command: Command): Command {
  return command
    .option('--since <time>', `${TIME_EXAMPLES}; a day without --until is that day only`)
    .option('--until <time>', 'the same; a day is included whole');
}

/** Which calls a report is about. */
export function withCallFilters(command: Command): Command {
  return withRange(
    command
      .option('--user <who>', 'e-mail address, the part before its @, name, or id of a person')
      .option('--group <group>', 'of the person as of the call: okta/sales, or sales of any provider')
      .option('--client <app>', 'part of the app’s name, as it is registered, and for auditors as it claims')
      .option('--server <server>', 'id or title of an MCP server')
      .option('--tool <tool>', 'exact name of a tool, prompt or resource')
      .option('--policy <id>', 'a policy that decided')
      .addOption(new Option('--decision <decision>', 'what was decided').choices(['allow', 'deny'])),
  );
}

/** The parameters of the API for the filters that were given. */
export function callFilters(options: CallOptions, range: TimeRange): Record<string, string> {
  const given = CALLS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const]));
  return { ...Object.fromEntries(given), ...rangeFilters(range) };
}

export function rangeFilters({ since, until }: TimeRange): Record<string, string> {
  return {
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  };
}

export function rangeOf(options: RangeOptions, now: Date, zone: TimeZone): TimeRange {
  return readTimeRange({ since: options.since, until: options.until }, now.getTime(), zone);
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Write a number from 1 to ${MAX_LIMIT}.`);
}

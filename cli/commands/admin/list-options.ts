import { InvalidArgumentError, type Command } from 'commander';
import type { CommonOptions } from '../command.js';

const MAX_LIMIT = 100_000;
const DEFAULT_LIMIT = 1000;

export interface ListOptions extends CommonOptions {
  readonly user?: string;
  readonly tz?: string;
  readonly limit: number;
}

export const WHO = 'me, or e-mail address, the part before its @, name, or id of a person';

/** Flag and description. */
export const TIME_ZONE = ['--tz <zone>', 'time zone to print times in (default: this machine’s)'] as const;

export function withListOptions(command: Command): Command {
  return withPageOptions(command.option('--user <who>', WHO));
}

export function withPageOptions(command: Command): Command {
  return command
    .option(...TIME_ZONE)
    .option('--limit <n>', `how many to print, at most ${MAX_LIMIT}`, readLimit, DEFAULT_LIMIT);
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Write a number from 1 to ${MAX_LIMIT}.`);
}

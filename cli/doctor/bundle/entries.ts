import { SERVER_ID } from '#shared/mcp/names.js';
import type { ReadEntry } from '../apps/read-entries.js';
import { secretParts, secretValues, shownEnvironment } from './environment.js';

/** Words of our command line that are no values. */
const FLAGS: ReadonlySet<string> = new Set(['bridge', '--server', '--url', '--credential-store', '--no-browser']);

/** Our entry in the config of an app, without the values in it. */
export function shownEntry(read: ReadEntry): object {
  const { app, file } = read.config;
  const place = { app: app.id, file, kind: read.kind };
  if (read.kind === 'unreadable') return { ...place, problem: read.problem };
  if (read.kind !== 'entry') return place;
  const { command, args, env } = read.entry;
  return { ...place, command, arguments: args.map(shownArgument), environment: environmentOf(env) };
}

/** Variables that we know as they may be shown, and of the others the names. */
function environmentOf(env: Readonly<Record<string, unknown>>): object {
  return { names: Object.keys(env), values: shownEnvironment(textsOf(env)) };
}

function textsOf(env: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
}

function shownArgument(argument: string, index: number, all: readonly string[]): string {
  if (FLAGS.has(argument)) return argument;
  const before = all[index - 1];
  if (before === '--server' && SERVER_ID.test(argument)) return argument;
  if (before === '--url') return URL.parse(argument)?.origin ?? '(removed)';
  return '(removed)';
}

/** Everything in an entry that may be a secret, wherever else it turns up. */
export function entrySecrets(read: ReadEntry): string[] {
  if (read.kind !== 'entry') return [];
  const values = secretValues(textsOf(read.entry.env));
  const words = read.entry.args.filter((argument, index, all) => shownArgument(argument, index, all) !== argument);
  return [...values, ...words].flatMap((value) => (URL.canParse(value) ? secretParts(value) : [value]));
}

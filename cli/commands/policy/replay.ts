import { setTimeout as delay } from 'node:timers/promises';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { replaySchema, type ListedDifference, type Replay } from '#shared/api/replay.js';
import { asCoded, CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { printable } from '../../system/printable.js';
import { TIME_EXAMPLES } from '../../time-phrases/time-phrase.js';
import { readTimeRange, requireZone } from '../../time-phrases/time-range.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { alignColumns } from '../table.js';
import { readPolicyTexts } from './policy-texts.js';

export interface ReplayOptions extends CommonOptions {
  readonly revision?: string;
  readonly since: string;
  readonly until?: string;
}

const REPLAY = `${PATHS.policies}/replay`;
/** Milliseconds between two questions. */
const PAUSE = 500;
/** Answers in a row from replicas that know nothing of it: a replay is kept by the one that started it. */
const MAX_MISSES = 40;

export function addPolicyReplay({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'replay',
      'Decide the recorded calls again by other policies: who would lose and gain what',
      'mcp-sso policy replay ./mcp-sso --since 7d',
    )
      .argument('[dir]', 'the directory with policies/')
      .option('--revision <number>', 'the policies and servers of a revision instead')
      .option('--since <time>', `7d, 12h, ${TIME_EXAMPLES}`, '7d')
      .option('--until <time>', 'the same; a day is included whole')
      .action((directory: string | undefined, options: ReplayOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.policiesRead]);
          return replayPolicies(context, directory, options, (...request) => api.request(...request));
        }),
      ),
  );
}

/** Follows a replay to its end, and prints what it found. Throws `usage`. */
export async function replayPolicies(
  context: CommandContext,
  directory: string | undefined,
  options: ReplayOptions,
  call: CallApi,
  pause: () => Promise<unknown> = () => delay(PAUSE),
): Promise<number> {
  const request = { ...(await candidateOf(directory, options.revision)), ...rangeOf(options, context) };
  let replay = readAnswer(replaySchema, await call('POST', REPLAY, request));
  const { id } = replay;
  while (replay.state === 'running') {
    if (context.interactive) context.stderr(`\r${replay.replayed} of ${replay.calls} calls`);
    await pause();
    replay = await readReplay(id, call, pause);
  }
  if (context.interactive) context.stderr('\r\u{1b}[K');
  if (replay.state === 'failed')
    throw new CodedError('policy_failed', { message: printable(replay.fault ?? 'The replay failed.') });
  context.stdout(context.json ? jsonLine(replay) : describe(replay));
  return 0;
}

/** Behind a load balancer it takes some questions to reach the replica that has it. Throws `not_found` after many. */
async function readReplay(id: string, call: CallApi, pause: () => Promise<unknown>): Promise<Replay> {
  for (let misses = 0; ; misses += 1) {
    try {
      return readAnswer(replaySchema, await call('GET', `${REPLAY}/${id}`));
    } catch (error) {
      if (asCoded(error).code !== 'not_found' || misses >= MAX_MISSES) throw error;
      await pause();
    }
  }
}

async function candidateOf(directory: string | undefined, revision: string | undefined): Promise<object> {
  if ((directory === undefined) === (revision === undefined)) {
    throw new CodedError('usage', { message: 'Name either a directory with policies/, or --revision and its number.' });
  }
  if (directory !== undefined) return { policies: await readPolicyTexts(directory) };
  if (/^[1-9]\d{0,8}$/.test(revision ?? '')) return { revision: Number(revision) };
  throw new CodedError('usage', { message: '--revision takes the number of a revision.' });
}

const UNITS = { d: 'days', h: 'hours', m: 'minutes' } as const;

function rangeOf({ since, until }: ReplayOptions, { now }: CommandContext): object {
  const [, count, unit] = /^(\d{1,4})([dhm])$/.exec(since) ?? [];
  const phrase = unit === undefined ? since : `${count} ${UNITS[unit as keyof typeof UNITS]} ago`;
  const range = readTimeRange({ since: phrase, until }, now().getTime(), requireZone(undefined));
  const to = range.until === undefined ? {} : { until: new Date(range.until).toISOString() };
  return { since: new Date(range.since ?? 0).toISOString(), ...to };
}

const HEADER = ['WHO', 'TARGET', 'BEFORE', 'AFTER', 'CALLS', 'POLICIES'];

function describe({ state, calls, replayed, unchanged, unknown, losses, gains, more }: Replay): string {
  const not = Object.entries(unknown).filter(([, count]) => count > 0);
  return `${[
    ...(losses.length === 0 ? ['Nobody loses anything.'] : ['Lost:', ...rows(losses)]),
    '',
    ...(gains.length === 0 ? ['Nobody gains anything.'] : ['Gained:', ...rows(gains)]),
    ...(more === 0 ? [] : ['', `${more} more differences are not shown.`]),
    '',
    `${replayed} of ${calls} calls looked at${state === 'cancelled' ? ' (cancelled)' : ''}, ${unchanged} would come out the same.`,
    ...(not.length === 0
      ? []
      : [`Not decided again: ${not.map(([why, count]) => `${count} ${WHY[why] ?? why}`).join(', ')}.`]),
  ].join('\n')}\n`;
}

const WHY: Readonly<Record<string, string>> = {
  unrecorded: 'without a record of what policies read',
  erased: 'of people who were erased, or whose time ran out',
  unreadable: 'recorded in another form',
  arguments: 'without arguments that the candidate reads',
  failed: 'where the policies could not be evaluated',
};

function rows(differences: readonly ListedDifference[]): string[] {
  const [header = '', ...lines] = alignColumns([HEADER, ...differences.map(rowOf)]);
  return [header, ...differences.flatMap(({ samples }, index) => [lines[index] ?? '', ...exampleOf(samples)])].map(
    (line) => `  ${line}`,
  );
}

/** On a line of its own: a reference that a column has cut is of no use. */
function exampleOf([reference]: readonly string[]): string[] {
  return reference === undefined ? [] : [`  mcp-sso policy explain ${printable(reference)}`];
}

function rowOf({ person, server, target, before, after, calls, policies }: ListedDifference): string[] {
  return [
    person.email ?? person.name ?? person.id,
    `${server}/${target}`,
    before,
    after,
    String(calls),
    policies.length === 0 ? '-' : policies.join(', '),
  ].map(printable);
}

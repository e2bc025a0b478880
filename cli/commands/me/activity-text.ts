import type { OwnActivity, OwnCalls, OwnSession } from '#shared/api/own-activity.js';
import { printable } from '../../system/printable.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeRange } from '../../time-phrases/time-range.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { actorsText } from '../sessions/session-words.js';
import { cut } from '../table.js';

const MAX_NAME = 60;
const MAX_REASON = 200;
const DAY = 86_400_000;
/** What a call that is no tool's is called here. */
const OTHERS: Readonly<Record<string, string>> = {
  'resource.read': 'resource ',
  'prompt.get': 'prompt ',
  'method.use': 'method ',
};

/** What was done as the person, in plain words: sign-in by sign-in, app by app. `here`: sign-ins that this computer keeps. */
export function activityText(
  { sessions, calls, more }: OwnActivity,
  range: TimeRange,
  zone: TimeZone,
  here: ReadonlySet<string>,
): string {
  const period = periodText(range, zone);
  if (calls.length === 0) return `Nothing was called as you ${period}. Times are ${zone.name}.\n`;
  const known = new Map(sessions.map((session) => [session.id, session]));
  const groups = Map.groupBy(calls, (call) => JSON.stringify([call.session, call.claimedApp, call.actors]));
  const blocks = [...groups.values()].map((group) => blockText(group, known, zone, here));
  return [
    `What was called as you ${period}. Times are ${zone.name}. Names of apps and computers are their own claims.`,
    ...blocks,
    ...(more ? ['There is more, further back: choose a shorter time by --since and --until.'] : []),
    'Was one of these not you? mcp-sso me not-me SESSION\n',
  ].join('\n\n');
}

function blockText(
  calls: readonly OwnCalls[],
  known: ReadonlyMap<string, OwnSession>,
  zone: TimeZone,
  here: ReadonlySet<string>,
): string {
  const { session, claimedApp, actors } = calls[0]!;
  const signIn = known.get(session ?? '');
  const app = claimedApp ?? signIn?.title ?? 'An app that gave no name';
  const agent = actors.length === 0 ? '' : `, ${actorsText(actors)}`;
  const heading = `${short(app)}${placeOf(signIn, here)}${agent} (session ${printable(session ?? 'unknown')}${stateOf(signIn)})`;
  return [heading, ...calls.map((call) => `  ${callText(call, zone)}`)].join('\n');
}

function placeOf(signIn: OwnSession | undefined, here: ReadonlySet<string>): string {
  if (signIn === undefined) return '';
  const device = signIn.device === null ? '' : ` ${short(signIn.device)}`;
  if (here.has(signIn.id)) return ` on this computer${device === '' ? '' : `,${device}`}`;
  return `${device === '' ? '' : ` on${device}`}, signed in from ${printable(signIn.address)}`;
}

function stateOf(signIn: OwnSession | undefined): string {
  return signIn?.live === false ? ', over' : '';
}

function callText({ server, target, type, calls, first, last, denied }: OwnCalls, zone: TimeZone): string {
  const what = `${short(server)}: ${OTHERS[type] ?? ''}${short(target)}`;
  const times = calls === 1 ? `once, ${atText(first, zone)}` : `${calls} times, ${betweenText(first, last, zone)}`;
  if (denied === null) return `${what}, ${times}`;
  const why = denied.reason ?? denied.code ?? 'no policy permits it';
  return `${what}, ${times}; ${refusedText(denied.count, calls)}: ${cut(printable(why), MAX_REASON)} (${denied.reference})`;
}

function refusedText(count: number, calls: number): string {
  if (count === calls) return calls === 1 ? 'it was refused' : 'all were refused, the last';
  return count === 1 ? '1 was refused' : `${count} were refused, the last`;
}

function atText(at: string, zone: TimeZone): string {
  const [day, clock] = minute(at, zone);
  return `${day} ${clock}`;
}

function betweenText(first: string, last: string, zone: TimeZone): string {
  const [from, to] = [minute(first, zone), minute(last, zone)];
  if (from[0] !== to[0]) return `between ${from.join(' ')} and ${to.join(' ')}`;
  return from[1] === to[1] ? from.join(' ') : `${from[0]} between ${from[1]} and ${to[1]}`;
}

function minute(at: string, zone: TimeZone): readonly [string, string] {
  const [day = '', clock = ''] = clockText(Date.parse(at), zone).split(' ');
  return [day, clock.slice(0, 5)];
}

function periodText({ since = 0, until }: TimeRange, zone: TimeZone): string {
  const start = clockText(since, zone);
  // Up to and without midnight is that day.
  if (until !== undefined && until - since <= DAY && start.endsWith('00:00:00')) return `on ${start.slice(0, 10)}`;
  return until === undefined ? `since ${start}` : `from ${start} to ${clockText(until, zone)}`;
}

function short(text: string): string {
  return cut(printable(text), MAX_NAME);
}

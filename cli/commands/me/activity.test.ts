import { expect, test } from 'vitest';
import type { OwnActivity, OwnCalls } from '#shared/api/own-activity.js';
import type { CommandContext } from '../context.js';
import { showActivity } from './activity.js';
import { disown, type NotMeOptions } from './not-me.js';

const LIST: OwnCalls = {
  session: 'laptop',
  claimedApp: 'Claude Desktop',
  actors: [],
  server: 'github',
  target: 'list_issues',
  type: 'tool.call',
  calls: 14,
  first: '2026-11-23T09:02:10.000Z',
  last: '2026-11-23T11:40:59.000Z',
  denied: { count: 1, reason: 'Only by\u{202e} day.', code: null, reference: 'rec_1' },
};
const DENIED: OwnCalls = {
  ...LIST,
  target: 'delete_repo',
  calls: 1,
  first: '2026-11-23T10:00:00.000Z',
  last: '2026-11-23T10:00:00.000Z',
  denied: { count: 1, reason: null, code: null, reference: 'rec_2' },
};
const ELSEWHERE: OwnCalls = {
  ...LIST,
  session: 'other',
  claimedApp: null,
  actors: ['service/assistant'],
  target: 'crm://customers',
  type: 'resource.read',
  calls: 2,
  last: '2026-11-23T09:02:40.000Z',
  denied: null,
};
const SIGN_IN = { client: 'mcp-bridge', title: 'mcp-sso', createdAt: '2026-11-23T08:00:00.000Z', live: true };
const ACTIVITY: OwnActivity = {
  sessions: [
    { ...SIGN_IN, id: 'laptop', device: 'bob-laptop', address: '192.0.2.7' },
    { ...SIGN_IN, id: 'other', device: null, address: '198.51.100.9', live: false },
  ],
  calls: [LIST, DENIED, ELSEWHERE],
  more: true,
};

const HERE = () => Promise.resolve(new Set(['laptop']));

class World {
  readonly asked: [string, string, unknown][] = [];
  stdout = '';
  stderr = '';
  readonly context: CommandContext;

  constructor(
    private readonly answer: unknown,
    { json = false, interactive = true } = {},
  ) {
    this.context = {
      stdout: (text) => void (this.stdout += text),
      stderr: (text) => void (this.stderr += text),
      env: {},
      json,
      interactive,
      openBrowser: false,
      now: () => new Date('2026-11-23T12:30:00Z'),
      paths: { config: '/', state: '/', cache: '/' },
    };
  }

  readonly call = (method: string, path: string, content?: unknown): Promise<unknown> => {
    this.asked.push([method, path, content]);
    return Promise.resolve(this.answer);
  };

  show(since: string) {
    return showActivity(this.context, { since, tz: 'UTC' }, (path) => this.call('GET', path), HERE);
  }

  disown(session: string | undefined, options: NotMeOptions, answer = true) {
    const confirm = () => Promise.resolve(answer);
    return disown(this.context, session, options, { call: this.call, confirm });
  }
}

test('what was done is said in plain words, by sign-in and app, and steers no terminal', async () => {
  const world = new World(ACTIVITY);
  expect(await world.show('today')).toBe(0);
  expect(world.asked).toEqual([
    [
      'GET',
      '/api/v1/me/activity?since=2026-11-23T00%3A00%3A00.000Z&limit=500&until=2026-11-24T00%3A00%3A00.000Z',
      undefined,
    ],
  ]);
  expect(world.stdout).toBe(
    [
      'What was called as you on 2026-11-23. Times are UTC. Names of apps and computers are their own claims.',
      '',
      'Claude Desktop on this computer, bob-laptop (session laptop)',
      '  github: list_issues, 14 times, 2026-11-23 between 09:02 and 11:40; 1 was refused: Only by\u{fffd} day. (rec_1)',
      '  github: delete_repo, once, 2026-11-23 10:00; it was refused: no policy permits it (rec_2)',
      '',
      'mcp-sso, signed in from 198.51.100.9, by service/assistant (session other, over)',
      '  github: resource crm://customers, 2 times, 2026-11-23 09:02',
      '',
      'There is more, further back: choose a shorter time by --since and --until.',
      '',
      'Was one of these not you? mcp-sso me not-me SESSION',
      '',
    ].join('\n'),
  );
});

test('a time without calls says so, and for machines it is the API’s own form', async () => {
  const quiet = new World({ sessions: [], calls: [], more: false });
  await quiet.show('2026-11-20');
  expect(quiet.stdout).toBe('Nothing was called as you on 2026-11-20. Times are UTC.\n');
  const machine = new World(ACTIVITY, { json: true });
  await machine.show('3 hours ago');
  expect(JSON.parse(machine.stdout)).toEqual(ACTIVITY);
});

test('that wasn’t me: what happens next is said', async () => {
  const world = new World({ ended: ['other'], reference: 'rec_9' });
  expect(await world.disown('other', {})).toBe(0);
  expect(world.asked).toEqual([['POST', '/api/v1/me/disowned-sessions', { session: 'other' }]]);
  expect(world.stdout).toMatch(/^Ended one session: refused from the next call on/);
  expect(world.stdout).toContain('rec_9');
  const all = new World({ ended: ['other', 'laptop'], reference: 'rec_9' });
  await all.disown(undefined, { all: true, yes: true });
  expect(all.asked).toEqual([['POST', '/api/v1/me/disowned-sessions', { all: true }]]);
  expect(all.stdout).toContain('sign in again: mcp-sso login');
});

test('a no alarms nobody', async () => {
  const world = new World({});
  expect(await world.disown(undefined, { all: true }, false)).toBe(1);
  expect(world.asked).toEqual([]);
  expect(world.stderr).toBe('Nothing was ended, and nobody was alarmed.\n');
});

test.each([
  ['nobody can be asked', 'other', {}, false],
  ['both are named', 'other', { all: true }, true],
  ['neither is named', undefined, {}, true],
] as const)('where %s nothing is sent', async (_, session, options, interactive) => {
  const world = new World({}, { interactive });
  await expect(world.disown(session, options)).rejects.toMatchObject({ code: 'usage' });
  expect(world.asked).toEqual([]);
});

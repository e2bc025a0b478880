import { expect, test } from 'vitest';
import type { ListedSession } from '#shared/api/sessions.js';
import type { ListedUser } from '#shared/api/users.js';
import type { CommandContext } from '../context.js';
import { listServers, showServer } from './servers.js';
import { endSessions, type EndOptions } from './sessions-end.js';
import { listSessions } from './sessions-list.js';
import { showSession } from './sessions-show.js';
import { listUsers } from './users.js';

const BOB = { id: 'usr_bob', email: 'bob@acme.example', name: 'Bob' };
const SESSION: ListedSession = {
  id: 'V1StGXR8_Z5jdHi6B-myT-V1StGXR8_Z5jdHi6B-myT',
  person: BOB,
  kind: 'person',
  actors: [],
  client: 'mcp-bridge',
  app: { title: 'mcp-sso', claimedName: null },
  device: 'bob-laptop',
  managedDevice: false,
  address: '192.0.2.7',
  createdAt: '2026-11-23T08:00:00.000Z',
  signedInAt: null,
  lastUsedAt: '2026-11-23T08:29:00.000Z',
  idpCheckedAt: '2026-11-23T08:29:00.000Z',
  expiresAt: '2026-11-23T20:00:00.000Z',
  idleSeconds: null,
  current: false,
};
const USER: ListedUser = {
  ...BOB,
  provider: 'okta',
  groups: ['okta/sales'],
  liveSessions: 1,
  lastUsedAt: '2026-11-23T08:29:00.000Z',
};

class World {
  readonly asked: string[] = [];
  stdout = '';
  stderr = '';
  readonly context: CommandContext;

  constructor(
    private readonly pages: readonly object[],
    { json = false, interactive = true } = {},
  ) {
    this.context = {
      stdout: (text) => void (this.stdout += text),
      stderr: (text) => void (this.stderr += text),
      env: {},
      json,
      interactive,
      openBrowser: false,
      now: () => new Date('2026-11-23T08:30:00Z'),
      paths: { config: '/', state: '/', cache: '/' },
    };
  }

  readonly call = (method: string, path: string): Promise<unknown> => {
    this.asked.push(`${method} ${path}`);
    if (method === 'DELETE') return Promise.resolve({ ended: [SESSION.id] });
    return Promise.resolve(this.pages[this.asked.length - 1]);
  };
}

const page = (...sessions: ListedSession[]) => ({ sessions, nextCursor: null });

test('sessions are two lines each, at most 120 columns, and say whose word the device is', async () => {
  const world = new World([page(SESSION, { ...SESSION, device: null, current: true, idleSeconds: 1800 })]);
  expect(await listSessions(world.context, { limit: 1000, tz: 'UTC' }, world.call)).toBe(0);
  expect(world.stdout).toBe(
    [
      'LAST USE             WHO               CLIENT   ADDRESS    SINCE                UNTIL                IDLE',
      '  SESSION                                      DEVICE',
      '2026-11-23 08:29:00  bob@acme.example  mcp-sso  192.0.2.7  2026-11-23 08:00:00  2026-11-23 20:00:00  -',
      '  V1StGXR8_Z5jdHi6B-myT-V1StGXR8_Z5jdHi6B-myT  bob-laptop (its own claim)',
      '2026-11-23 08:29:00  bob@acme.example  mcp-sso  192.0.2.7  2026-11-23 08:00:00  2026-11-23 20:00:00  30 min',
      '  V1StGXR8_Z5jdHi6B-myT-V1StGXR8_Z5jdHi6B-myT  this one',
      '',
      '2 live sessions. Times are UTC.',
      '',
    ].join('\n'),
  );
  expect(world.asked).toEqual(['GET /api/v1/sessions?limit=1000']);
});

test('pages are followed up to the limit', async () => {
  const world = new World(
    [
      { sessions: [SESSION], nextCursor: 'a/b' },
      { sessions: [SESSION], nextCursor: 'c' },
    ],
    {
      json: true,
    },
  );
  await listSessions(world.context, { limit: 2, user: 'bob & co' }, world.call);
  expect(world.asked).toEqual([
    'GET /api/v1/sessions?limit=2&user=bob+%26+co',
    'GET /api/v1/sessions?limit=1&user=bob+%26+co&cursor=a%2Fb',
  ]);
  expect(JSON.parse(world.stdout)).toEqual({ sessions: [SESSION, SESSION], more: true });
});

test('a name can’t steer the terminal or forge a line', async () => {
  const evil = '\u{1b}[2Jeve\nroot\u{202e}';
  const person = { id: 'usr_eve', email: null, name: evil };
  const world = new World([
    page({ ...SESSION, person, device: evil, app: { title: evil, claimedName: evil }, address: evil }),
  ]);
  await listSessions(world.context, { limit: 10, tz: 'UTC' }, world.call);
  const users = new World([{ users: [{ ...USER, ...person, groups: [evil], provider: evil }], nextCursor: null }]);
  await listUsers(users.context, { limit: 10, tz: 'UTC' }, users.call);
  for (const { stdout } of [world, users]) {
    for (const steering of ['\u{1b}', '\u{202e}']) expect(stdout).not.toContain(steering);
    expect(stdout).toContain('\u{fffd}[2Jeve\u{fffd}root\u{fffd}');
  }
});

test('one that an agent uses says so under its whole id', async () => {
  const id = `${SESSION.id}.${'a'.repeat(32)}`;
  const delegated = { ...SESSION, id, device: null, actors: ['service/assistant', 'service/planner'] };
  const world = new World([page(SESSION, delegated)]);
  await listSessions(world.context, { limit: 10, tz: 'UTC' }, world.call);
  expect(world.stdout).toContain(`\n  ${id}\n${' '.repeat(47)}by service/assistant for service/planner\n`);
});

test('where nothing matches, the next command is named', async () => {
  const world = new World([page()]);
  await listSessions(world.context, { limit: 10, tz: 'UTC' }, world.call);
  expect(world.stdout).toBe('No live session matches. See who has signed in: mcp-sso admin users\n');
});

test('one session is shown with all that is known of it, and whose word each thing is', async () => {
  const app = { title: 'app of claude.example', claimedName: 'Cl\u{1b}aude' };
  const world = new World([{ ...SESSION, app, client: 'https://claude.example/client.json', idleSeconds: 90 }]);
  expect(await showSession(world.context, SESSION.id, { tz: 'UTC' }, world.call)).toBe(0);
  expect(world.stdout).toBe(
    [
      'Session           V1StGXR8_Z5jdHi6B-myT-V1StGXR8_Z5jdHi6B-myT',
      'Who               bob@acme.example',
      'Kind              person',
      'Client            app of claude.example (https://claude.example/client.json)',
      'Calls itself      Cl\u{fffd}aude (its own claim)',
      'Device            bob-laptop (its own claim)',
      'Managed device    no',
      'Address           192.0.2.7',
      'Since             2026-11-23 08:00:00',
      'Signed in         the identity provider does not say',
      'Last use          2026-11-23 08:29:00',
      'Confirmed by IdP  2026-11-23 08:29:00',
      'Until             2026-11-23 20:00:00',
      'Idle limit        90 s',
      '',
      'Times are UTC. End it: mcp-sso admin sessions end V1StGXR8_Z5jdHi6B-myT-V1StGXR8_Z5jdHi6B-myT',
      '',
    ].join('\n'),
  );
  expect(world.asked).toEqual([`GET /api/v1/sessions/${SESSION.id}`]);
});

test('users are a line each, in order of who they are', async () => {
  const anna = { ...USER, id: 'usr_anna', email: 'anna@acme.example', groups: [], liveSessions: 0, lastUsedAt: null };
  const world = new World([{ users: [USER, anna], nextCursor: null }]);
  expect(await listUsers(world.context, { limit: 10, tz: 'UTC' }, world.call)).toBe(0);
  expect(world.stdout).toBe(
    [
      'WHO                ID        PROVIDER  SESSIONS  LAST USE             GROUPS',
      'anna@acme.example  usr_anna  okta      0         -                    -',
      'bob@acme.example   usr_bob   okta      1         2026-11-23 08:29:00  okta/sales',
      '',
      '2 people. Times are UTC.',
      '',
    ].join('\n'),
  );
});

async function end(world: World, session: string | undefined, options: EndOptions, answer = true) {
  const questions: string[] = [];
  const confirm = (question: string) => {
    questions.push(question);
    return Promise.resolve(answer);
  };
  const code = await endSessions(world.context, session, options, world.call, confirm);
  return { code, questions };
}

test('a session ends when the person says so', async () => {
  const world = new World([]);
  expect(await end(world, 'abc', {})).toEqual({ code: 0, questions: ['End session abc?'] });
  expect(world.asked).toEqual(['DELETE /api/v1/sessions/abc']);
  expect(world.stdout).toBe('Ended one session: refused from the next call on.\n');
});

test('a no ends nothing', async () => {
  const world = new World([page(SESSION)]);
  expect(await end(world, undefined, { user: 'bob' }, false)).toEqual({
    code: 1,
    questions: ['End the one session of bob@acme.example?'],
  });
  expect(world.asked).toEqual(['GET /api/v1/sessions?limit=1000&user=bob']);
  expect(world.stderr).toBe('Nothing was ended.\n');
});

test('all of a person end by their id, without a question where --yes was given', async () => {
  const world = new World([page(SESSION, SESSION)], { json: true, interactive: false });
  expect(await end(world, undefined, { user: 'bob', yes: true })).toEqual({ code: 0, questions: [] });
  expect(world.asked.at(-1)).toBe('DELETE /api/v1/users/usr_bob/sessions');
  expect(JSON.parse(world.stdout)).toEqual({ ended: [SESSION.id] });
});

test('a word that means several people ends nobody’s', async () => {
  const other = { ...SESSION, person: { id: 'usr_bob2', email: 'bob@other.example', name: 'Bob' } };
  const world = new World([page(SESSION, other)]);
  await expect(end(world, undefined, { user: 'Bob', yes: true })).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('bob@acme.example (usr_bob), bob@other.example (usr_bob2)') as string,
  });
  expect(world.asked).toHaveLength(1);
});

test.each([
  ['nobody can be asked', 'abc', {}, false],
  ['both are named', 'abc', { user: 'bob' }, true],
  ['neither is named', undefined, {}, true],
] as const)('where %s nothing is sent', async (_, session, options, interactive) => {
  const world = new World([], { interactive });
  await expect(end(world, session, options)).rejects.toMatchObject({ code: 'usage' });
  expect(world.asked).toEqual([]);
});

const FILES = {
  id: 'files',
  title: null,
  transport: 'stdio',
  era: 'legacy',
  state: 'failing',
  lastAnswerAt: '2026-11-23T08:29:00.000Z',
  lastFailure: { code: 'upstream_timeout', at: '2026-11-23T08:29:30.000Z' },
  credentials: [],
  processes: [{ pid: 7, startedAt: '2026-11-23T08:00:00.000Z', busy: false }],
};
const CRM = {
  ...FILES,
  id: 'crm',
  transport: 'sse',
  era: null,
  state: 'unused',
  lastAnswerAt: null,
  lastFailure: null,
  credentials: [{ kind: 'bearer', state: 'refused', since: '2026-11-23T08:00:00.000Z', detail: 'HTTP 401' }],
  processes: [],
};

const TOOL = { server: 'files', tool: 'li\u001b[2Jst', effect: null, suggestedEffect: 'read', reviewed: false };

test('servers are a line each; what one said has no control characters', async () => {
  const world = new World([
    { servers: [FILES, CRM] },
    { tools: [TOOL], yaml: '' },
    { lines: [{ at: '2026-11-23T08:00:00.000Z', pid: 7, text: 'a\u001b[2Jb' }] },
  ]);
  await listServers(world.context, { tz: 'UTC' }, world.call);
  expect(world.stdout).toBe(
    [
      'SERVER  TRANSPORT  ERA     STATE    PROCESSES  LAST ANSWER          LAST FAILURE',
      'files   stdio      legacy  failing  1          2026-11-23 08:29:00  upstream_timeout 2026-11-23 08:29:30',
      'crm     sse        -       unused   -          -                    -',
      '',
      'Credential of crm (bearer): refused since 2026-11-23 08:00:00',
      '  HTTP 401',
      '',
    ].join('\n'),
  );
  world.stdout = '';
  await showServer(world.context, { tz: 'UTC' }, 'files', world.call);
  expect(world.stdout).toBe(
    [
      'TOOL      EFFECT             SUGGESTED  REVIEWED',
      'li\ufffd[2Jst  destroy (not set)  read       no',
      'Print what they suggest for mcp-sso.yaml: mcp-sso reviews effects --server files',
      '',
      '2026-11-23 08:00:00  7  a\ufffd[2Jb',
      '',
    ].join('\n'),
  );
  const paths = ['/servers', '/reviews/effects?server=files', '/servers/files/stderr'];
  expect(world.asked).toEqual(paths.map((path) => `GET /api/v1${path}`));
});

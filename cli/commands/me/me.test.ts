import { expect, test } from 'vitest';
import type { ListedSession } from '#shared/api/sessions.js';
import { CodedError } from '#shared/errors.js';
import type { CommandContext } from '../context.js';
import { endOwnSessions, type EndOptions } from './sessions-end.js';
import { listOwnSessions } from './sessions-list.js';
import { showOwnSession } from './sessions-show.js';

const LAPTOP: ListedSession = {
  id: 'laptop',
  person: { id: 'usr_bob', email: 'bob@acme.example', name: 'Bob' },
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
  idleSeconds: 1800,
  current: false,
};
const ADMIN = { ...LAPTOP, id: 'admin', app: { title: 'mcp-sso administration', claimedName: null }, current: true };
const REMOTE = {
  ...LAPTOP,
  id: 'remote',
  device: null,
  app: { title: 'app of claude.example', claimedName: 'Clau\u{202e}de' },
};
const AGENT = { ...LAPTOP, id: 'remote.agent', device: null, actors: ['service/assistant'] };
const ALL = [ADMIN, LAPTOP, REMOTE, AGENT];

class World {
  readonly asked: string[] = [];
  stdout = '';
  stderr = '';
  readonly context: CommandContext;

  constructor(
    private readonly sessions: readonly ListedSession[] = ALL,
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
    if (method === 'GET') return Promise.resolve({ sessions: this.sessions, nextCursor: null });
    if (path.endsWith('/gone')) return Promise.reject(new CodedError('not_found'));
    const id = path.split('/').at(-1)!;
    return Promise.resolve({
      ended: [id, ...this.sessions.map((one) => one.id).filter((one) => one.startsWith(`${id}.`))],
    });
  };

  readonly here = (): Promise<ReadonlySet<string>> => Promise.resolve(new Set(['laptop', 'admin']));

  async end(session: string | undefined, options: EndOptions, answer = true) {
    const questions: string[] = [];
    const confirm = (question: string) => {
      questions.push(question);
      return Promise.resolve(answer);
    };
    const { call, here } = this;
    return { code: await endOwnSessions(this.context, session, options, { call, here, confirm }), questions };
  }
}

const OWN = 'GET /api/v1/sessions?limit=1000&user=me';

test('the list asks for one’s own alone, and marks what belongs to this computer', async () => {
  const world = new World();
  expect(await listOwnSessions(world.context, { limit: 1000, tz: 'UTC' }, world.call, world.here)).toBe(0);
  expect(world.stdout).toBe(
    [
      'LAST USE             CLIENT                  ADDRESS    SINCE                UNTIL                IDLE',
      '  SESSION       DEVICE',
      '2026-11-23 08:29:00  mcp-sso administration  192.0.2.7  2026-11-23 08:00:00  2026-11-23 20:00:00  30 min',
      '  admin         this one, bob-laptop (its own claim)',
      '2026-11-23 08:29:00  mcp-sso                 192.0.2.7  2026-11-23 08:00:00  2026-11-23 20:00:00  30 min',
      '  laptop        this computer, bob-laptop (its own claim)',
      '2026-11-23 08:29:00  app of claude.example   192.0.2.7  2026-11-23 08:00:00  2026-11-23 20:00:00  30 min',
      '  remote        calls itself “Clau\u{fffd}de”',
      '2026-11-23 08:29:00  mcp-sso                 192.0.2.7  2026-11-23 08:00:00  2026-11-23 20:00:00  30 min',
      '  remote.agent  by service/assistant',
      '',
      '4 live sessions. Times are UTC.',
      '',
    ].join('\n'),
  );
  expect(world.asked).toEqual([OWN]);
});

test('an empty list names the next command', async () => {
  const world = new World([]);
  await listOwnSessions(world.context, { limit: 10, tz: 'UTC' }, world.call, world.here);
  expect(world.stdout).toBe('You have no live session. Sign in: mcp-sso login\n');
});

test('for machines it is the API’s own form', async () => {
  const world = new World(ALL, { json: true });
  await listOwnSessions(world.context, { limit: 1000, tz: 'UTC' }, world.call, world.here);
  expect(JSON.parse(world.stdout)).toEqual({ sessions: ALL, more: false });
});

test('one of them is shown; what is none of them is not asked for, whatever roles one has', async () => {
  const world = new World();
  expect(await showOwnSession(world.context, 'remote.agent', { tz: 'UTC' }, world.call)).toBe(0);
  expect(world.stdout).toContain('Used              by service/assistant\n');
  expect(world.stdout).toContain('End it: mcp-sso me sessions end remote.agent\n');
  await expect(showOwnSession(world.context, 'of-alice', {}, world.call)).rejects.toMatchObject({ code: 'not_found' });
  await expect(world.end('of-alice', { yes: true })).rejects.toMatchObject({ code: 'not_found' });
  expect(world.asked).toEqual([OWN, OWN, OWN]);
});

test('one ends with what agents have derived from it, and the number is said', async () => {
  const world = new World();
  expect(await world.end('remote', {})).toEqual({ code: 0, questions: ['End session remote?'] });
  expect(world.asked).toEqual([OWN, 'DELETE /api/v1/sessions/remote']);
  expect(world.stdout).toBe('Ended 2 sessions, 1 of them by an agent for the person: refused from the next call on.\n');
});

test('all others end, and this computer stays signed in', async () => {
  const world = new World([...ALL, { ...LAPTOP, id: 'gone' }], { json: true });
  expect(await world.end(undefined, { allOthers: true })).toEqual({
    code: 0,
    questions: ['End your 3 other sessions?'],
  });
  expect(world.asked).toEqual([OWN, 'DELETE /api/v1/sessions/remote', 'DELETE /api/v1/sessions/gone']);
  expect(JSON.parse(world.stdout)).toEqual({ ended: ['remote', 'remote.agent'] });
});

test('where there is no other, nothing is asked and nothing ends', async () => {
  const world = new World([ADMIN, LAPTOP]);
  expect(await world.end(undefined, { allOthers: true })).toEqual({ code: 0, questions: [] });
  expect(world.asked).toEqual([OWN]);
});

test('a no ends nothing', async () => {
  const world = new World();
  expect(await world.end(undefined, { allOthers: true }, false)).toMatchObject({ code: 1 });
  expect(world.asked).toEqual([OWN]);
  expect(world.stderr).toBe('Nothing was ended.\n');
});

test.each([
  ['nobody can be asked', 'remote', {}, false],
  ['both are named', 'remote', { allOthers: true }, true],
  ['neither is named', undefined, {}, true],
] as const)('where %s nothing is sent', async (_, session, options, interactive) => {
  const world = new World(ALL, { interactive });
  await expect(world.end(session, options)).rejects.toMatchObject({ code: 'usage' });
  expect(world.asked).toEqual([]);
});

import { expect, test } from 'vitest';
import type { ListedConnection } from '#shared/api/connections.js';
import { listConnections } from '../admin/connections-list.js';
import { revokeConnections } from '../admin/connections-revoke.js';
import type { CommandContext } from '../context.js';
import { connect } from './connect.js';
import { listOwn } from './list.js';
import { revokeOwn } from './revoke.js';

const BOB = { id: 'usr_bob', email: 'bob@acme.example', name: 'Bob' };
const GITHUB: ListedConnection = {
  id: `con_${'1'.repeat(32)}`,
  person: BOB,
  server: 'github',
  issuer: 'https://github.test/login',
  scopes: ['repo', 'read:org'],
  state: 'active',
  connectedAt: '2026-11-23T08:00:00.000Z',
  lastUsedAt: '2026-11-23T08:29:00.000Z',
  refusedAt: null,
};
const REFUSED: ListedConnection = { ...GITHUB, state: 'refused', refusedAt: '2026-11-23T08:30:00.000Z' };
const CONNECTABLE = [
  { server: 'github', title: 'GitHub' },
  { server: 'wiki', title: 'Wiki\u001b[31m' },
];
const QUICK = { every: 1, longest: 60_000 };

/** Answers each look with the next of these lists, the last one for ever. */
class World {
  readonly asked: string[] = [];
  readonly opened: string[] = [];
  stdout = '';
  stderr = '';
  readonly context: CommandContext;

  constructor(
    private readonly lists: readonly (readonly ListedConnection[])[],
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
    if (method === 'DELETE') return Promise.resolve(GITHUB);
    const looks = this.asked.filter((one) => one.startsWith('GET')).length;
    const connections = this.lists[Math.min(looks, this.lists.length) - 1];
    return Promise.resolve({ connections, nextCursor: null, connectable: CONNECTABLE });
  };

  readonly open = (url: string): Promise<boolean> => {
    this.opened.push(url);
    return Promise.resolve(false);
  };

  get parts() {
    return { origin: 'https://mcp.test', call: this.call, open: this.open, wait: QUICK };
  }
}

test('one’s own list says what is refused, where to connect, and by which command; nobody steers the terminal', async () => {
  const world = new World([[REFUSED]]);
  expect(await listOwn(world.context, { tz: 'UTC' }, world.call)).toBe(0);
  expect(world.stdout).toBe(
    [
      'SERVER  STATE                              CONNECTED            LAST USE             ACCOUNT AT',
      'github  refused since 2026-11-23 08:30:00  2026-11-23 08:00:00  2026-11-23 08:29:00  https://github.test/login',
      '',
      'Times are UTC.',
      'github takes yours no more. Connect again: mcp-sso connections connect github',
      'Not connected: Wiki\u{fffd}[31m. Connect it: mcp-sso connections connect wiki',
      '',
    ].join('\n'),
  );
  expect(world.asked).toEqual(['GET /api/v1/connections?limit=1000&user=me']);
});

test('connecting opens the page of the control plane and ends when it is done', async () => {
  const world = new World([[], [], [GITHUB]]);
  expect(await connect(world.context, 'github', {}, world.parts)).toBe(0);
  expect(world.opened).toEqual(['https://mcp.test/connect?server=github']);
  expect(world.stderr).toContain('Open in a browser:\nhttps://mcp.test/connect?server=github\n');
  expect(world.stdout).toBe(
    'Connected: github, with your account at https://github.test/login.\nRevoke it: mcp-sso connections revoke github\n',
  );
});

test('what is connected is not asked again; with --again a new one is awaited, and a refused one always', async () => {
  const already = new World([[GITHUB]], { json: true });
  expect(await connect(already.context, 'github', {}, already.parts)).toBe(0);
  expect([already.opened, JSON.parse(already.stdout)]).toEqual([[], GITHUB]);
  const next = { ...GITHUB, id: `con_${'2'.repeat(32)}` };
  const again = new World([[GITHUB], [GITHUB], [next]], { json: true });
  await connect(again.context, 'github', { again: true }, again.parts);
  expect(JSON.parse(again.stdout)).toEqual(next);
  const refused = new World([[REFUSED], [REFUSED], [GITHUB]]);
  expect(await connect(refused.context, 'github', {}, refused.parts)).toBe(0);
  expect(refused.opened).toHaveLength(1);
});

test('connecting ends: at once for a server that takes no account, else after its time', async () => {
  const world = new World([[]]);
  await expect(connect(world.context, 'crm', {}, world.parts)).rejects.toMatchObject({ code: 'not_found' });
  expect(world.opened).toEqual([]);
  const parts = { ...world.parts, wait: { every: 1, longest: 5 } };
  await expect(connect(world.context, 'github', {}, parts)).rejects.toMatchObject({ code: 'sign_in_expired' });
});

test('revoking asks, says the next command, and never guesses', async () => {
  const world = new World([[GITHUB]]);
  expect(await revokeOwn(world.context, 'github', {}, world.call, () => Promise.resolve(false))).toBe(1);
  expect(world.asked.filter((one) => one.startsWith('DELETE'))).toEqual([]);
  expect(await revokeOwn(world.context, 'github', { yes: true }, world.call)).toBe(0);
  expect(world.asked.at(-1)).toBe(`DELETE /api/v1/connections/${GITHUB.id}`);
  expect(world.stdout).toContain('Connect again: mcp-sso connections connect github');
  await expect(revokeOwn(world.context, 'wiki', { yes: true }, world.call)).rejects.toMatchObject({
    code: 'not_found',
    message: 'You have no connection to wiki. See yours: mcp-sso connections',
  });
  const piped = new World([[GITHUB]], { interactive: false });
  await expect(revokeOwn(piped.context, 'github', {}, piped.call)).rejects.toMatchObject({ code: 'usage' });
  expect(piped.asked).toEqual([]);
});

test('admins list by person and server, two lines each, at most 120 columns', async () => {
  const evil = { ...GITHUB, issuer: `https://${'x'.repeat(200)}.test`, scopes: [`a\u001b[2J${'y'.repeat(300)}`] };
  const world = new World([[GITHUB, evil]]);
  await listConnections(world.context, { limit: 10, tz: 'UTC', user: 'bob', server: 'github' }, world.call);
  expect(world.asked).toEqual(['GET /api/v1/connections?server=github&limit=10&user=bob']);
  expect(world.stdout.split('\n').every(({ length }) => length <= 120)).toBe(true);
  expect(world.stdout).not.toContain('\u001b');
  expect(world.stdout).toContain(`${GITHUB.id}  repo read:org`);
});

test('admins revoke by id, or all of one person; never of two people whom a word means', async () => {
  const world = new World([[GITHUB]], { json: true });
  await revokeConnections(world.context, undefined, { user: 'bob', yes: true }, world.call);
  expect(JSON.parse(world.stdout)).toEqual({ ended: [GITHUB] });
  const two = new World([[GITHUB, { ...GITHUB, person: { ...BOB, id: 'usr_bob2' } }]]);
  await expect(revokeConnections(two.context, undefined, { user: 'bob', yes: true }, two.call)).rejects.toMatchObject({
    code: 'usage',
  });
  for (const [id, options] of [
    [undefined, {}],
    [GITHUB.id, { user: 'bob' }],
    [GITHUB.id, { server: 'github' }],
  ] as const) {
    await expect(revokeConnections(two.context, id, { ...options, yes: true }, two.call)).rejects.toMatchObject({
      code: 'usage',
    });
  }
  expect(two.asked.some((one) => one.startsWith('DELETE'))).toBe(false);
});

import { expect, test } from 'vitest';
import type { ListedUser } from '#shared/api/users.js';
import { eraseUser, type EraseOptions } from './users-erase.js';

const BOB: ListedUser = {
  id: 'usr_bob',
  email: 'bob@acme.example',
  name: 'Bob',
  provider: 'okta',
  groups: ['okta/sales'],
  liveSessions: 1,
  lastUsedAt: '2026-11-23T08:29:00.000Z',
};

interface Ran {
  readonly exit: number;
  readonly asked: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
}

/** `typed`: what the person at the terminal answers; without it, there is nobody. */
async function erase(users: ListedUser[], word: string, options: EraseOptions, typed?: string): Promise<Ran> {
  const asked: string[] = [];
  let stdout = '';
  let stderr = '';
  const context = {
    stdout: (text: string) => void (stdout += text),
    stderr: (text: string) => void (stderr += text),
    env: {},
    json: false,
    interactive: typed !== undefined,
    openBrowser: false,
    now: () => new Date('2026-11-23T08:30:00Z'),
    paths: { config: '/', state: '/', cache: '/' },
  };
  const call = (method: string, path: string, content?: unknown): Promise<unknown> => {
    asked.push([method, path, ...(content ? [JSON.stringify(content)] : [])].join(' '));
    return Promise.resolve(
      method === 'GET' ? { users, nextCursor: null } : { id: 'usr_bob', sessions: 1, connections: 0 },
    );
  };
  const exit = await eraseUser(context, word, options, call, () => Promise.resolve(typed ?? ''));
  return { exit, asked, stdout, stderr };
}

test('a person is erased by whoever types their id', async () => {
  const { exit, asked, stdout } = await erase([BOB], 'BOB@acme.example', {}, 'usr_bob');
  expect(exit).toBe(0);
  expect(asked).toEqual([
    'GET /api/v1/users?user=BOB%40acme.example',
    'POST /api/v1/users/usr_bob/erasure {"confirm":"usr_bob"}',
  ]);
  expect(stdout).toContain('Erased: usr_bob. Sessions ended: 1; connections ended: 0.\n');
});

test('whoever types something else erases nobody', async () => {
  for (const typed of ['yes', 'bob@acme.example', '']) {
    const { exit, asked, stderr } = await erase([BOB], 'bob@acme.example', {}, typed);
    expect([exit, stderr]).toEqual([1, 'That is not usr_bob. Nothing was erased.\n']);
    expect(asked).toEqual(['GET /api/v1/users?user=bob%40acme.example']);
  }
});

test('one person is meant, by id or address; where nobody can be asked, the id is an option', async () => {
  const confirm = 'usr_bob';
  await expect(erase([BOB, { ...BOB, id: 'usr_2' }], 'bob@acme.example', { confirm })).rejects.toMatchObject({
    code: 'usage',
  });
  await expect(erase([BOB], 'Bob', { confirm })).rejects.toMatchObject({ code: 'not_found' });
  await expect(erase([BOB], 'usr_bob', {})).rejects.toMatchObject({ code: 'usage' });
  expect(await erase([BOB], 'usr_bob', { confirm })).toMatchObject({ exit: 0 });
});

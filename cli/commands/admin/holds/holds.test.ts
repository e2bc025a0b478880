import { expect, test } from 'vitest';
import type { ListedHold } from '#shared/api/holds.js';
import { TimeZone } from '../../../time-phrases/time-zone.js';
import type { CommandContext } from '../../context.js';
import { createHold, type CreateOptions } from './create.js';
import { listHolds } from './list.js';
import { releaseHold } from './release.js';

const ACTIVE: ListedHold = {
  id: 'hld_0f3c',
  name: 'Case 2026-117\u001b[31m',
  person: { id: 'usr_bob', email: 'bob@acme.example', name: 'Bob' },
  server: 'crm',
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-07-01T00:00:00.000Z',
  createdBy: { id: 'usr_olga', email: 'olga@acme.example', name: 'Olga' },
  createdAt: '2026-11-23T08:30:00.000Z',
  state: 'active',
  releasedBy: null,
  releasedAt: null,
  releaseReason: null,
};
const RELEASED: ListedHold = {
  ...ACTIVE,
  person: null,
  server: null,
  from: null,
  to: null,
  name: 'Audit of the year',
  state: 'released',
  releasedBy: { id: 'usr_otto', email: null, name: null },
  releasedAt: '2026-11-24T09:00:00.000Z',
  releaseReason: 'Done',
};
const now = () => new Date('2026-11-24T12:00:00Z');
const UTC = TimeZone.named('UTC')!;

interface Ran {
  readonly asked: readonly string[];
  readonly stdout: string;
}

async function ran(
  command: (context: CommandContext, call: (...request: unknown[]) => Promise<unknown>) => Promise<number>,
  answer: unknown,
  json = false,
): Promise<Ran> {
  let stdout = '';
  const asked: string[] = [];
  const context = { json, now, stdout: (text: string) => void (stdout += text) } as unknown as CommandContext;
  const call = async (method: unknown, path: unknown, content?: unknown) => {
    asked.push([method, path, ...(content === undefined ? [] : [JSON.stringify(content)])].join(' '));
    return answer;
  };
  expect(await command(context, call)).toBe(0);
  return { asked, stdout };
}

const create = (options: CreateOptions) =>
  ran((context, call) => createHold(context, 'Case 2026-117', { tz: 'UTC', ...options }, call), ACTIVE);

test('a hold says what it covers, and until when', async () => {
  const { asked, stdout } = await create({ user: 'bob', server: 'crm', from: '2026-01-01', to: '2026-06-30' });
  expect(asked).toEqual([
    'POST /api/v1/holds {"name":"Case 2026-117","person":"bob","server":"crm","from":"2026-01-01T00:00:00.000Z","to":"2026-07-01T00:00:00.000Z"}',
  ]);
  expect(stdout).toBe(
    [
      'Held from now on.',
      '',
      'Hold      hld_0f3c (active)',
      'Name      Case 2026-117\ufffd[31m',
      'Covers    records of bob@acme.example, at crm, from 2026-01-01 00:00:00, before 2026-07-01 00:00:00',
      'Made      2026-11-23 08:30:00 by olga@acme.example',
      '',
    ].join('\n'),
  );
});

test('a day that a hold begins with is its start, and what comes after is held too', async () => {
  expect((await create({ from: '2026-01-01' })).asked).toEqual([
    'POST /api/v1/holds {"name":"Case 2026-117","from":"2026-01-01T00:00:00.000Z"}',
  ]);
});

test('everything is held only where that is said', async () => {
  expect((await create({ everything: true })).asked).toEqual([
    'POST /api/v1/holds {"name":"Case 2026-117","everything":true}',
  ]);
  for (const options of [
    {},
    { everything: true, user: 'bob' },
    { from: '2026-02-01', to: '2026-01-01' },
    { to: 'soon' },
  ]) {
    await expect(create(options)).rejects.toMatchObject({ code: 'usage' });
  }
});

test('the list names who made and who released each', async () => {
  const page = { holds: [ACTIVE, RELEASED], nextCursor: null };
  const { asked, stdout } = await ran(
    (context, call) => listHolds(context, { all: true, limit: 10, tz: 'UTC' }, call),
    page,
  );
  expect(asked).toEqual(['GET /api/v1/holds?state=all&limit=10']);
  expect(stdout).toContain(
    [
      'Hold      hld_0f3c (released)',
      'Name      Audit of the year',
      'Covers    everything',
      'Made      2026-11-23 08:30:00 by olga@acme.example',
      'Released  2026-11-24 09:00:00 by usr_otto: Done',
      '',
      'Times are UTC.',
    ].join('\n'),
  );
  const none = await ran((context, call) => listHolds(context, { limit: 10, tz: 'UTC' }, call), {
    holds: [],
    nextCursor: null,
  });
  expect(none.stdout).toBe('Nothing is under legal hold. Released ones: mcp-sso admin holds list --all\n');
  const json = await ran((context, call) => listHolds(context, { limit: 10, tz: 'UTC' }, call), page, true);
  expect(JSON.parse(json.stdout)).toEqual({ holds: [ACTIVE, RELEASED], more: false });
});

test('a release says why', async () => {
  const { asked, stdout } = await ran((context, call) => releaseHold(context, 'hld_0f3c', 'Done', call, UTC), RELEASED);
  expect(asked).toEqual(['POST /api/v1/holds/hld_0f3c/release {"reason":"Done"}']);
  expect(stdout).toMatch(/^Released\.\n\nHold {6}hld_0f3c \(released\)\n/);
});

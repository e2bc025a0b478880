import { expect, test } from 'vitest';
import type { AuditEntry } from '#shared/api/audit.js';
import type { CommandContext } from '../context.js';
import { searchAudit, type AuditSearchOptions } from './audit-search.js';

const ENTRY: AuditEntry = {
  id: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071',
  time: '2026-11-17T13:03:22.123Z',
  type: 'tool.call',
  person: { id: 'usr_alice', email: 'alice@acme.example', name: 'Alice Example' },
  affected: null,
  client: { id: 'mcp-bridge', claimedName: 'Claude Desktop', claimedVersion: '1.2.3' },
  server: 'finance',
  target: 'get_report',
  decision: 'allow',
  policies: ['finance-reads'],
  reason: 'Finance may read reports.',
  actors: [],
  credential: 'finance-token',
  detail: null,
  address: '192.0.2.7',
  session: 'ses_1',
  outcome: 'ok',
  duration: 42,
  payload: 'shown',
};

interface Run {
  readonly printed: string;
  readonly asked: Record<string, string>[];
}

/** Runs a search against pages of entries, on Monday 2026-11-23 at 08:30 UTC. */
async function search(pages: AuditEntry[][], options: Partial<AuditSearchOptions>, json = false): Promise<Run> {
  let printed = '';
  const asked: Record<string, string>[] = [];
  const context: CommandContext = {
    stdout: (text) => void (printed += text),
    stderr: () => undefined,
    env: {},
    json,
    interactive: false,
    openBrowser: false,
    now: () => new Date('2026-11-23T08:30:00Z'),
    paths: { config: '/none', state: '/none', cache: '/none' },
  };
  const read = (path: string): Promise<unknown> => {
    asked.push(Object.fromEntries(new URL(path, 'https://mcp.acme.example').searchParams));
    const entries = pages[asked.length - 1] ?? [];
    return Promise.resolve({ entries, nextCursor: asked.length < pages.length ? `after-${asked.length}` : null });
  };
  await searchAudit(context, { tz: 'Europe/Berlin', limit: 100, ...options }, read);
  return { printed, asked };
}

test('who used Claude to reach the financial reporting server last Tuesday?', async () => {
  const options = { client: 'claude', server: 'financial reporting', since: 'last tuesday' };
  const { printed, asked } = await search([[ENTRY]], options);
  expect(asked).toEqual([
    {
      client: 'claude',
      server: 'financial reporting',
      since: '2026-11-16T23:00:00.000Z',
      until: '2026-11-17T23:00:00.000Z',
      limit: '100',
    },
  ]);
  expect(printed).toBe(`\
TIME                 WHO                 SERVER/TOOL         DECISION    POLICY
  CLIENT                                         REFERENCE
2026-11-17 14:03:22  alice@acme.example  finance/get_report  allow (ok)  finance-reads
  Claude Desktop (its own claim) via mcp-bridge  019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071

1 entry from 2026-11-17 00:00:00 until 2026-11-18 00:00:00. Times are Europe/Berlin.
The name of a client is its own claim: what the app says of itself, never proof.
`);
});

test('denied, erased, withheld and personless entries say so', async () => {
  const { printed } = await search(
    [
      [
        { ...ENTRY, decision: 'deny', policies: [], outcome: null },
        { ...ENTRY, payload: 'erased', person: { id: 'usr_bob', email: null, name: null } },
        { ...ENTRY, payload: 'withheld', client: { id: 'mcp-bridge', claimedName: null, claimedVersion: null } },
        {
          ...ENTRY,
          type: 'system.start',
          person: null,
          client: null,
          server: null,
          target: null,
          decision: null,
          policies: [],
          outcome: null,
        },
        { ...ENTRY, type: 'list', target: null },
      ],
    ],
    { tz: 'UTC' },
  );
  const cells = printed.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(cells.slice(2, 12)).toEqual([
    ['2026-11-17 13:03:22', 'alice@acme.example', 'finance/get_report', 'deny', 'none permits it'],
    ['Claude Desktop (its own claim) via mcp-bridge', ENTRY.id],
    ['2026-11-17 13:03:22', 'usr_bob (erased)', 'finance/get_report', 'allow (ok)', 'finance-reads'],
    ['Claude Desktop (its own claim) via mcp-bridge', ENTRY.id],
    ['2026-11-17 13:03:22', 'alice@acme.example', 'finance/get_report', 'allow (ok)', 'finance-reads'],
    ['mcp-bridge', ENTRY.id],
    ['2026-11-17 13:03:22', '-', 'system.start', '-', '-'],
    ['-', ENTRY.id],
    ['2026-11-17 13:03:22', 'alice@acme.example', 'list finance', 'allow (ok)', 'finance-reads'],
    ['Claude Desktop (its own claim) via mcp-bridge', ENTRY.id],
  ]);
});

test('long values are cut to 120 columns, and the words about the claim never are', async () => {
  const long = 'x'.repeat(300);
  const entry = {
    ...ENTRY,
    person: { id: 'usr_x', email: long, name: null },
    client: { id: 'mcp-bridge', claimedName: long, claimedVersion: null },
    target: long,
    policies: [long],
  };
  const { printed } = await search([[entry]], {});
  const lines = printed.split('\n');
  expect(Math.max(...lines.slice(0, 4).map(({ length }) => length))).toBe(120);
  expect(lines[3]).toContain('x… (its own claim) via mcp-bridge');
  expect(lines[3]).toContain(ENTRY.id);
});

test('an app whose name steers the terminal or forges a line prints as text', async () => {
  const claimedName = '\u001b[2J\u001b[1;31mroot\r\nallow\u2028x\u202ey\u009b';
  const { printed } = await search(
    [[{ ...ENTRY, client: { id: 'mcp-bridge', claimedName, claimedVersion: null } }]],
    {},
  );
  expect(printed).not.toMatch(/[^\P{C}\n]|\p{Zl}/u);
  expect(printed.split('\n')[3]).toContain('�[2J�[1;31mroot��allow�x�y� (its own claim) via mcp-bridge');
});

test('pages are fetched until the limit, and the rest is announced', async () => {
  const { printed, asked } = await search([[ENTRY, ENTRY], [ENTRY], [ENTRY]], { limit: 3 });
  expect(asked).toEqual([{ limit: '3' }, { limit: '1', cursor: 'after-1' }]);
  expect(printed).toContain(
    '\n3 entries. Times are Europe/Berlin.\nMore entries match: raise --limit or narrow the search.\n',
  );
});

test('nothing found is said in words, and as an empty list to machines', async () => {
  expect((await search([[]], { since: '2026-11-20T00:00:00Z' })).printed).toBe(
    'No entries match from 2026-11-20 01:00:00.\n',
  );
  const { printed } = await search([[]], { since: 'yesterday' }, true);
  expect(JSON.parse(printed)).toEqual({
    since: '2026-11-21T23:00:00.000Z',
    until: '2026-11-22T23:00:00.000Z',
    entries: [],
    nextCursor: null,
  });
});

test('what is no time is wrong use, before anything is asked', async () => {
  await expect(search([[ENTRY]], { since: 'a while back' })).rejects.toMatchObject({ code: 'usage' });
  await expect(search([[ENTRY]], { tz: 'Nowhere' })).rejects.toMatchObject({ code: 'usage' });
});

test('an unknown outcome is explained, a known one is not', async () => {
  const unknown = { ...ENTRY, outcome: 'unknown', duration: null } as const;
  expect((await search([[unknown]], {})).printed).toContain('allow (unknown)');
  expect((await search([[unknown]], {})).printed).toContain(
    '\nunknown: the server, the connection or the control plane ',
  );
  expect((await search([[ENTRY]], {})).printed).not.toContain('unknown:');
});

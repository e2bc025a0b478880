import { expect, test } from 'vitest';
import type { AuditSession, SessionEdge, SessionNode } from '#shared/api/audit-session.js';
import type { CommandContext } from '../context.js';
import { printSession } from './audit-session.js';

const CALL = {
  type: 'tool.call',
  server: 'crm',
  target: 'find_customer',
  decision: 'allow',
  outcome: 'ok',
  duration: 42,
  toolUse: 'toolu_1',
  trace: null,
  span: null,
  parentSpan: null,
} as const;

function node(id: string, kind: SessionNode['kind'], ref: string | null, more: Partial<SessionNode> = {}): SessionNode {
  const time = { start: '2026-11-23T13:00:01.000Z', end: '2026-11-23T13:00:05.040Z' };
  return { id, kind, ref, label: null, ...time, call: null, ...more };
}

const edge = (from: string, to: string, mark: SessionEdge['mark']): SessionEdge => ({ from, to, mark });

const SESSION: AuditSession = {
  id: 's1',
  nodes: [
    node('n1', 'person', 'usr_alice', { label: 'alice@acme.example' }),
    node('n2', 'session', 'ses_1', { label: 'mcp-bridge' }),
    node('n3', 'bridge', 'b1'),
    node('n4', 'conversation', 's1', { label: 'claude-code' }),
    node('n5', 'agent', 'a1', { label: 'Explore' }),
    node('c1', 'call', 'c1', { call: CALL, end: '2026-11-23T13:00:01.042Z' }),
    node('n7', 'conversation', null, { label: 'grok' }),
    node('c2', 'call', 'c2', { call: { ...CALL, decision: 'deny', outcome: null, duration: null } }),
    node('n9', 'actor', 'service/planner'),
  ],
  edges: [
    edge('n1', 'n2', 'verified'),
    edge('n2', 'n3', 'attested'),
    edge('n3', 'n4', 'attested'),
    edge('n4', 'n5', 'attested'),
    edge('n5', 'c1', 'attested'),
    edge('n2', 'n7', 'claimed'),
    edge('n7', 'c2', 'claimed'),
    edge('n1', 'n9', 'verified'),
  ],
  truncated: false,
};

type Environment = Readonly<Record<string, string>>;
const UTF_8: Environment = { LANG: 'en_US.UTF-8' };

async function print(
  answer: unknown,
  { terminal = true, env = UTF_8, json = false }: { terminal?: boolean; env?: Environment; json?: boolean } = {},
): Promise<string> {
  let printed = '';
  const context: CommandContext = {
    stdout: (text) => void (printed += text),
    stderr: () => undefined,
    env,
    json,
    interactive: false,
    openBrowser: false,
    now: () => new Date('2026-11-23T14:30:00Z'),
    paths: { config: '/none', state: '/none', cache: '/none' },
  };
  const read = async (path: string): Promise<unknown> => {
    expect(path).toBe('/api/v1/audit/sessions/a%2Fb');
    return answer;
  };
  await printSession(context, 'a/b', { tz: 'Europe/Berlin' }, read, terminal);
  return printed;
}

test('the tree, with times and how sure each edge is', async () => {
  expect(await print(SESSION)).toBe(`\
s1: 2 calls, 2026-11-23 14:00:01 to 2026-11-23 14:00:05, 4 s. Times are Europe/Berlin.

alice@acme.example
├─ ✓ sign-in ses_1 (mcp-bridge)
│  ├─ ◆ bridge b1, 4 s
│  │  └─ ◆ claude-code session s1, 4 s
│  │     └─ ◆ agent Explore a1, 4 s
│  │        └─ ◆ 14:00:01  crm/find_customer  allow (ok)  42 ms
│  └─ ? grok session without an id, 4 s
│     └─ ? 14:00:01  crm/find_customer  deny
└─ ✓ on behalf, service/planner

✓ verified: proved by a token   ◆ attested: said by the bridge of the person   ? claimed: said by the app alone
`);
});

test.each([
  ['into a file', { terminal: false }],
  ['at a terminal of another encoding', { env: { LANG: 'en_US.UTF-8', LC_ALL: 'C' } }],
])('%s it is drawn in ASCII', async (_where, how) => {
  const printed = await print({ ...SESSION, truncated: true }, how);
  expect(printed).toMatch(/^[\n\x20-\x7e]*$/);
  expect(printed.split('\n').slice(2, 6)).toEqual([
    'alice@acme.example',
    '|- v sign-in ses_1 (mcp-bridge)',
    '|  |- a bridge b1, 4 s',
    '|  |  `- a claude-code session s1, 4 s',
  ]);
  expect(printed).toContain('\nMore calls belong to it than are shown: these are the earliest.\n');
});

test('what an app calls itself neither steers the terminal nor forges a line', async () => {
  const evil = '\u001b[2J\n└─ ✓ sign-in ses_2\u202e'.repeat(10);
  const nodes = SESSION.nodes.map((one) => (one.kind === 'agent' ? { ...one, ref: evil, label: evil } : one));
  const printed = await print({ ...SESSION, nodes });
  expect(printed).not.toMatch(/[^\P{C}\n]|\p{Zl}/u);
  expect(printed.split('\n')).toHaveLength(14);
  expect(Math.max(...printed.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(120);
});

test('machines get the nodes and edges', async () => {
  expect(JSON.parse(await print(SESSION, { json: true }))).toEqual(SESSION);
});

test('an answer of another form is refused', async () => {
  await expect(print({ nodes: [] })).rejects.toMatchObject({ code: 'internal' });
});

import { expect, test } from 'vitest';
import type { AuditEntry } from '#shared/api/audit.js';
import type { RecordedAgent } from '../recorded-agent.js';
import type { AgentCall } from './agent-call.js';
import { sessionTree } from './session-tree.js';

const ENTRY: AuditEntry = {
  id: '',
  time: '',
  type: 'tool.call',
  person: { id: 'usr_alice', email: 'alice@acme.example', name: null },
  affected: null,
  client: { id: 'mcp-bridge', claimedName: null, claimedVersion: null },
  actors: [],
  server: 'crm',
  target: 'find',
  decision: 'allow',
  policies: [],
  reason: null,
  detail: null,
  credential: null,
  address: null,
  session: 'ses_1',
  outcome: 'ok',
  duration: 40,
  payload: 'shown',
};
const HOOK = { bridge: 'b1', host: 'claude-code', session: 's1', source: 'hook' } as const;
const CLAIM = { session: 's1', host: 'claude-code', source: 'message' } as const;

function call(second: number, agent: RecordedAgent = {}, entry: Partial<AuditEntry> = {}): AgentCall {
  const time = new Date(Date.UTC(2026, 10, 23, 14, 0, second)).toISOString();
  return { entry: { ...ENTRY, id: `call-${second}`, time, ...entry }, facts: {}, agent };
}

/** A tree as lines: how deep, the mark of the edge, what it is. */
function drawn(...calls: AgentCall[]): string[] {
  const { nodes, edges } = sessionTree(calls);
  const lines: string[] = [];
  const draw = (id: string, depth: number): void => {
    for (const { to, mark } of edges.filter(({ from }) => from === id)) {
      const { kind, ref } = nodes.find((one) => one.id === to)!;
      lines.push(`${'  '.repeat(depth)}${mark} ${kind} ${ref}`);
      draw(to, depth + 1);
    }
  };
  for (const { id, ref } of nodes.filter(({ kind }) => kind === 'person')) {
    lines.push(String(ref));
    draw(id, 1);
  }
  return lines;
}

test('a sub-agent of a sub-agent stands below it, whoever called first', () => {
  expect(
    drawn(
      call(1, { ...HOOK, depth: 0 }),
      call(2, { ...HOOK, agent: 'a2', agentType: 'Explore', parent: 'a1', depth: 2 }),
      call(3, { ...HOOK, agent: 'a1', agentType: 'planner', depth: 1 }),
    ),
  ).toEqual([
    'usr_alice',
    '  verified session ses_1',
    '    attested bridge b1',
    '      attested conversation s1',
    '        attested call call-1',
    '        attested agent a1',
    '          attested agent a2',
    '            attested call call-2',
    '          attested call call-3',
  ]);
});

test('the parent may be known after the first call only, and an agent without one stands below the conversation', () => {
  expect(
    drawn(
      call(1, { ...HOOK, agent: 'a2' }),
      call(2, { ...HOOK, agent: 'a2', parent: 'a1', depth: 2 }),
      call(3, { ...HOOK, agent: 'a9' }),
    ).slice(4),
  ).toEqual([
    '        attested agent a1',
    '          attested agent a2',
    '            attested call call-1',
    '            attested call call-2',
    '        attested agent a9',
    '          attested call call-3',
  ]);
});

test('a claim to be an agent that a hook has reported is a branch of its own, and claimed only', () => {
  expect(
    drawn(
      call(1, { ...HOOK, agent: 'a1', depth: 1 }),
      call(2, { ...CLAIM, bridge: 'b1', agent: 'a1', depth: 1 }),
      call(3, { ...CLAIM, agent: 'a1', parent: 'root', depth: 2 }),
    ),
  ).toEqual([
    'usr_alice',
    '  verified session ses_1',
    '    attested bridge b1',
    '      attested conversation s1',
    '        attested agent a1',
    '          attested call call-1',
    '      claimed conversation s1',
    '        claimed agent a1',
    '          claimed call call-2',
    '    claimed conversation s1',
    '      claimed agent root',
    '        claimed agent a1',
    '          claimed call call-3',
  ]);
});

test('whoever claims somebody else’s session has a tree of their own: the root is from the token', () => {
  const bob = { person: { id: 'usr_bob', email: null, name: null }, session: 'ses_2' };
  expect(
    drawn(call(1, { ...HOOK, depth: 0 }), call(2, { ...CLAIM, agent: 'a1' }, bob), call(3, { ...HOOK }, bob)),
  ).toEqual([
    'usr_alice',
    '  verified session ses_1',
    '    attested bridge b1',
    '      attested conversation s1',
    '        attested call call-1',
    'usr_bob',
    '  verified session ses_2',
    '    claimed conversation s1',
    '      claimed agent a1',
    '        claimed call call-2',
    '    attested bridge b1',
    '      attested conversation s1',
    '        attested call call-3',
  ]);
});

test('who acts for the person by a token stands between the person and the sign-in, the first first', () => {
  const entry = { actors: ['service/helper', 'service/planner'], session: 'ses_3' };
  expect(drawn(call(1), call(2, {}, entry), call(3, { bridge: 'b2' }))).toEqual([
    'usr_alice',
    '  verified session ses_1',
    '    verified call call-1',
    '    attested bridge b2',
    '      attested call call-3',
    '  verified actor service/planner',
    '    verified actor service/helper',
    '      verified session ses_3',
    '        verified call call-2',
  ]);
});

test('parents in a circle end', () => {
  const first = call(1, { ...CLAIM, agent: 'a1', parent: 'a2' });
  expect(drawn(first, call(2, { ...CLAIM, agent: 'a2', parent: 'a1' }))).toHaveLength(7);
});

test('every node lasts from its first call to the end of its last', () => {
  const { nodes } = sessionTree([call(1, HOOK), call(5, { ...HOOK, agent: 'a1' }), call(3, HOOK, { duration: null })]);
  const [person] = nodes;
  expect(person).toMatchObject({ start: '2026-11-23T14:00:01.000Z', end: '2026-11-23T14:00:05.040Z' });
  expect(nodes.find(({ kind }) => kind === 'agent')).toMatchObject({ start: '2026-11-23T14:00:05.000Z' });
});

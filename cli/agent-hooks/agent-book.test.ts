import { beforeEach, expect, test } from 'vitest';
import { AgentBook } from './agent-book.js';
import { hookReport, readReport } from './hook-report.js';

let now: number;
let book: AgentBook;
beforeEach(() => {
  now = 0;
  book = new AgentBook(() => now);
});

/** As Claude Code 2.1 tells it on the stdin of a hook, and as the bridge hears it. */
function hook(event: string, fields: Record<string, unknown> = {}): void {
  const input = { hook_event_name: event, session_id: 's1', prompt_id: 'p1', cwd: '/work', ...fields };
  const report = readReport(JSON.stringify(hookReport(input)));
  if (report === undefined) throw new Error('no report');
  book.take(report);
}

function starts(agent: string | undefined, type: string, toolUse: string): void {
  const tool = { tool_name: 'Agent', tool_input: { subagent_type: type, prompt: 'secret' } };
  hook('PreToolUse', { ...tool, tool_use_id: toolUse, ...(agent === undefined ? {} : { agent_id: agent }) });
}

function calls(agent: string | undefined, toolUse: string, type = 'Explore'): unknown {
  const by = agent === undefined ? {} : { agent_id: agent, agent_type: type };
  hook('PreToolUse', {
    tool_name: 'mcp__mcp-sso__crm__find',
    tool_input: { q: 'secret' },
    tool_use_id: toolUse,
    ...by,
  });
  return book.find(toolUse);
}

test('the main agent calls', () => {
  expect(calls(undefined, 't1')).toEqual({ session: 's1', toolUse: 't1', depth: 0, prompt: 'p1' });
});

test('a sub-agent of a sub-agent: each belongs to the agent whose tool use asks for one of its type', () => {
  starts(undefined, 'planner', 't1');
  hook('SubagentStart', { agent_id: 'a1', agent_type: 'planner' });
  starts('a1', 'Explore', 't2');
  hook('SubagentStart', { agent_id: 'a2', agent_type: 'Explore' });
  expect(calls('a1', 't3', 'planner')).toMatchObject({ id: 'a1', type: 'planner', depth: 1 });
  expect(calls('a2', 't4')).toEqual({
    session: 's1',
    toolUse: 't4',
    id: 'a2',
    type: 'Explore',
    parent: 'a1',
    depth: 2,
    prompt: 'p1',
  });
});

test('where two agents ask for the same at once, nobody guesses, until the tool use names what it has started', () => {
  starts(undefined, 'planner', 't1');
  hook('SubagentStart', { agent_id: 'a1', agent_type: 'planner' });
  starts(undefined, 'Explore', 't2');
  starts('a1', 'Explore', 't3');
  hook('SubagentStart', { agent_id: 'a2', agent_type: 'Explore' });
  expect(calls('a2', 't4')).toEqual({ session: 's1', toolUse: 't4', id: 'a2', type: 'Explore', prompt: 'p1' });
  hook('PostToolUse', { tool_name: 'Agent', tool_use_id: 't3', agent_id: 'a1', tool_response: { agentId: 'a2' } });
  expect(calls('a2', 't5')).toMatchObject({ parent: 'a1', depth: 2 });
});

test('siblings that the same agent starts have one parent, and a resumed sub-agent keeps its own', () => {
  starts(undefined, 'Explore', 't1');
  starts(undefined, 'Explore', 't2');
  for (const agent of ['a1', 'a2', 'a1']) hook('SubagentStart', { agent_id: agent, agent_type: 'Explore' });
  expect([calls('a1', 't3'), calls('a2', 't4')]).toMatchObject([{ depth: 1 }, { depth: 1 }]);
});

test('a sub-agent in the background may be named before it starts', () => {
  starts(undefined, 'Explore', 't1');
  hook('PostToolUse', { tool_name: 'Agent', tool_use_id: 't1', tool_response: { agentId: 'a1' } });
  hook('SubagentStart', { agent_id: 'a1', agent_type: 'Explore' });
  expect(calls('a1', 't2')).toMatchObject({ type: 'Explore', depth: 1 });
});

test('another session’s agents are others, and its end forgets only them', () => {
  starts(undefined, 'Explore', 't1');
  hook('SubagentStart', { agent_id: 'a1', agent_type: 'Explore', session_id: 's2' });
  expect(calls('a1', 't2')).not.toHaveProperty('depth');
  hook('SessionEnd', { session_id: 's2' });
  expect(book.find('t2')).toBeDefined();
  hook('SessionEnd');
  expect(book.find('t2')).toBeUndefined();
});

test('what was long ago, and what is too much, is forgotten', () => {
  calls(undefined, 't0');
  now += 3_600_000;
  expect(book.find('t0')).toBeUndefined();
  for (let index = 1; index <= 2_001; index += 1) calls(undefined, `t${index}`);
  expect([book.find('t1'), book.find('t2001')]).toEqual([undefined, expect.objectContaining({ toolUse: 't2001' })]);
});

test('nothing of what the agents do is in a report, and what is no hook is none', () => {
  const tool = { tool_name: 'Bash', tool_input: { command: 'secret' }, tool_response: { agentId: 'secret' } };
  const report = hookReport({ hook_event_name: 'PostToolUse', session_id: 's\u0000', transcript_path: '/x', ...tool });
  expect(report).toEqual({ event: 'PostToolUse', session: 's' });
  const others = [undefined, [], {}, { hook_event_name: 'Stop', session_id: 's' }, { hook_event_name: 'SessionEnd' }];
  expect(others.map(hookReport)).toEqual(others.map(() => undefined));
  expect(['', '{', '[]', '{}'].map(readReport)).toEqual([undefined, undefined, undefined, undefined]);
});

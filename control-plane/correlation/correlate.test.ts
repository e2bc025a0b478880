import { expect, test } from 'vitest';
import type { AgentChain } from '#shared/mcp/agent-chain.js';
import type { Caller } from '../identity/caller.js';
import { correlate, correlated, correlationFacts, correlationPersonal } from './correlate.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const OTHER = '4bf92f3577b34da6a3ce929d0e0e4736';
const BRIDGE = '6f1f5c3e-6d3c-4c53-9d55-0a3a4b7c8d9e';

function caller(chain?: AgentChain, actors: readonly string[] = []): Caller {
  return { session: { actors }, ...(chain === undefined ? {} : { chain }) } as unknown as Caller;
}

function of(meta: Record<string, unknown>, chain?: AgentChain, actors?: readonly string[]) {
  const { agent } = correlate(caller(chain, actors), { params: { _meta: meta } }, {});
  return agent && [agent.mark, agent.agent];
}

test('the message is the parent, and the HTTP request of another trace is a link', () => {
  const traceparent = `00-${TRACE}-${PARENT}-01`;
  const headers = { traceparent: `00-${OTHER}-00f067aa0ba902b7-00` };
  const message = { params: { _meta: { traceparent, tracestate: 'a=1' } } };
  const correlation = correlate(caller(), message, headers);
  const { span } = correlation.trace;
  expect(span).toMatch(/^[0-9a-f]{16}$/);
  expect(span).not.toBe(PARENT);
  expect(correlationFacts(correlation)).toEqual({ trace: TRACE, span, parentSpan: PARENT, linkedTrace: OTHER });
  expect(correlated(message, correlation).params).toEqual({
    _meta: { traceparent: `00-${TRACE}-${span}-01`, tracestate: 'a=1' },
  });
});

test('without one of its own, the message belongs to the trace of its HTTP request', () => {
  const headers = { traceparent: `00-${OTHER}-${PARENT}-00`, tracestate: 'b=2' };
  const correlation = correlate(caller(), { params: { _meta: { traceparent: '00-1', tracestate: 'a=1' } } }, headers);
  expect(correlationFacts(correlation)).toMatchObject({ trace: OTHER, parentSpan: PARENT });
  expect(correlation.trace.state).toBe('b=2');
});

test('with neither, it begins a trace with a random id that nobody has sampled', () => {
  const correlation = correlate(caller(), {}, { traceparent: 'nonsense', tracestate: 'a=1' });
  const { trace, span } = correlation.trace;
  expect(trace).toMatch(/^[0-9a-f]{32}$/);
  expect(correlationFacts(correlation)).toEqual({ trace, span });
  const meta = { traceparent: `00-${trace}-${span}-02` };
  expect(correlated({ params: { a: 1 } }, correlation)).toEqual({ params: { a: 1, _meta: meta } });
});

test('baggage and our own key stay on the client’s side; all else goes on as it came, and in its order', () => {
  const meta = {
    z: 1,
    baggage: 'user=alice',
    'dev.mcp-sso/chain': { session: 's' },
    a: { b: [null] },
    progressToken: 0,
  };
  const correlation = correlate(caller(), { params: { _meta: meta } }, {});
  const { _meta: sent } = correlated({ params: { _meta: meta } }, correlation).params;
  expect(JSON.stringify(sent)).toMatch(/^\{"z":1,"a":\{"b":\[null\]\},"progressToken":0,"traceparent":"00-[^"]+"\}$/);
});

test('a hook’s report that the bridge signed is attested, whatever the message claims', () => {
  const hook = { session: 's', id: 'a2', type: 'Explore', parent: 'a1', depth: 2, toolUse: 'toolu_1', prompt: 'p' };
  expect(of({ 'dev.mcp-sso/chain': { session: 'other', id: 'a9' } }, { bridge: BRIDGE, hook })).toEqual([
    'attested',
    {
      bridge: BRIDGE,
      host: 'claude-code',
      session: 's',
      agent: 'a2',
      agentType: 'Explore',
      parent: 'a1',
      depth: 2,
      toolUse: 'toolu_1',
      prompt: 'p',
      source: 'hook',
    },
  ]);
});

test('what the environment says may be inherited: it is a claim, and a message’s word goes before it', () => {
  const signed = { bridge: BRIDGE, environment: { host: 'claude-code', session: 'env' } };
  expect(of({ 'claudecode/toolUseId': 'toolu_1' }, signed)).toEqual([
    'claimed',
    { bridge: BRIDGE, host: 'claude-code', session: 'env', toolUse: 'toolu_1', source: 'environment' },
  ]);
  expect(of({ threadId: 't' }, signed)).toEqual([
    'claimed',
    { bridge: BRIDGE, host: 'codex', session: 't', source: 'message' },
  ]);
});

test.each([
  [{ 'claudecode/toolUseId': 'toolu_1' }, { host: 'claude-code', toolUse: 'toolu_1' }],
  [
    { threadId: 't', 'x-codex-turn-metadata': { turn_id: 'u' } },
    { host: 'codex', session: 't', prompt: 'u' },
  ],
  [
    { 'x-codex-turn-metadata': { session_id: 's', thread_id: 's', turn_id: 'u' }, threadId: 's' },
    { host: 'codex', session: 's', prompt: 'u' },
  ],
  [
    { 'x-codex-turn-metadata': { session_id: 's', thread_id: 't', parent_thread_id: 's' } },
    { host: 'codex', session: 's', agent: 't' },
  ],
  [
    { 'x-codex-turn-metadata': { session_id: 's', thread_id: 't2', parent_thread_id: 't' }, threadId: 't2' },
    { host: 'codex', session: 's', agent: 't2', parent: 't' },
  ],
  [
    { 'vscode.conversationId': 'v', 'vscode.requestId': 'r', progressToken: 'x' },
    { host: 'vscode', session: 'v', prompt: 'r' },
  ],
  [{ 'openai/session': 'c' }, { host: 'chatgpt', session: 'c' }],
  [{ 'ai.opencode/sessionID': 'o' }, { host: 'opencode', session: 'o' }],
  [{ 'antigravity.google/conversation_id': 'c' }, { host: 'antigravity', session: 'c' }],
  [
    { 'dev.mcp-sso/chain': { session: 's', id: 'a', type: 'T', parent: 'p', depth: 2, more: 1 } },
    { session: 's', agent: 'a', agentType: 'T', parent: 'p', depth: 2 },
  ],
])('what an app says of itself is a claim: %j', (meta, agent) => {
  expect(of(meta)).toEqual(['claimed', { ...agent, source: 'message' }]);
});

test('a token that names its actors is proof, until the message adds a claim', () => {
  expect(of({}, undefined, ['service/planner'])).toEqual(['verified', {}]);
  expect(of({ threadId: 't' }, undefined, ['service/planner'])?.[0]).toBe('claimed');
  expect(of({}, { bridge: BRIDGE })).toEqual(['attested', { bridge: BRIDGE }]);
  expect(of({ threadId: 7, 'claudecode/toolUseId': '', 'dev.mcp-sso/chain': ['x'] })).toBeUndefined();
});

test('what an app says is cut and cleaned, and is personal: no fact holds it', () => {
  const threadId = `\u202e\u0000${'x'.repeat(500)}`;
  const correlation = correlate(caller(), { params: { _meta: { threadId } } }, {});
  expect(correlationPersonal(correlation)).toEqual({
    agent: { host: 'codex', session: 'x'.repeat(128), source: 'message' },
  });
  expect(Object.keys(correlationFacts(correlation))).toEqual(['trace', 'span', 'chain']);
});

import { expect, test } from 'vitest';
import type { ObservedRequest } from './observed-request.js';
import { spansOf } from './request-spans.js';

const TRACE = {
  trace: '0af7651916cd43dd8448eb211c80319c',
  span: 'b7ad6b7169203331',
  parentSpan: undefined,
  linkedTrace: undefined,
  linkedSpan: undefined,
  flags: 2,
  state: 'vendor=1',
};
const PROMPT: ObservedRequest = {
  method: 'prompts/get',
  startedAt: 1_000,
  endedAt: 1_200,
  trace: TRACE,
  protocolVersion: '2025-06-18',
  sessionId: 'k5VJ',
  clientAddress: '203.0.113.9',
  httpVersion: '1.1',
  server: 'files',
  target: { kind: 'prompt', name: 'review' },
  upstream: { transport: 'pipe' },
  steps: [
    { name: 'identify', startedAt: 1_000, endedAt: 1_010 },
    { name: 'upstream', startedAt: 1_020, endedAt: 1_190 },
  ],
};

let count = 0;
const nextId = () => `${(count += 1)}`.padStart(16, '0');

test('a prompt of a hosted server, asked by an older client', () => {
  const spans = spansOf(PROMPT, nextId);
  expect(spans.map(({ name, kind, parentSpanId }) => [name, kind, parentSpanId])).toEqual([
    ['prompts/get review', 'server', undefined],
    ['identify', 'internal', TRACE.span],
    ['prompts/get review', 'client', TRACE.span],
  ]);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE.trace]));
  expect(spans[0]?.attributes).toEqual({
    'mcp.method.name': 'prompts/get',
    'gen_ai.prompt.name': 'review',
    'mcp.protocol.version': '2025-06-18',
    'mcp.session.id': 'k5VJ',
    'network.transport': 'tcp',
    'network.protocol.name': 'http',
    'network.protocol.version': '1.1',
    'client.address': '203.0.113.9',
    'mcp_sso.server': 'files',
  });
  expect(spans[2]?.attributes).toEqual({
    'mcp.method.name': 'prompts/get',
    'gen_ai.prompt.name': 'review',
    'network.transport': 'pipe',
    'mcp_sso.server': 'files',
  });
});

test('a client’s own mistake is its server’s error, and not ours', () => {
  const mistake = { type: '-32602', status: '-32602' };
  const [whole, , client] = spansOf({ ...PROMPT, failure: mistake, upstreamFailure: mistake }, nextId);
  expect([whole?.isError, client?.isError]).toEqual([false, true]);
  expect(whole?.attributes).toMatchObject({ 'rpc.response.status_code': '-32602' });
  expect(whole?.attributes).not.toHaveProperty('error.type');
  expect(client?.attributes).toMatchObject({ 'error.type': '-32602' });
});

test('the step that failed says so, with our error code', () => {
  const failed = { name: 'credential', startedAt: 1, endedAt: 2, failed: 'credential_unavailable' } as const;
  const failure = { type: '-31020', status: '-31020', code: 'credential_unavailable' };
  const [whole, step] = spansOf({ ...PROMPT, steps: [failed], failure }, nextId);
  expect(step).toMatchObject({ isError: true, attributes: { 'error.type': 'credential_unavailable' } });
  expect(whole).toMatchObject({ attributes: { 'mcp_sso.error.code': 'credential_unavailable' } });
});

test('what was refused before its trace was read has no span', () => {
  const { trace: _trace, ...refused } = PROMPT;
  expect(spansOf(refused)).toEqual([]);
});

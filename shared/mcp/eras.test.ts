import { expect, test } from 'vitest';
import {
  discoverResult,
  initializeResult,
  liftRequest,
  liftResult,
  lowerRequest,
  lowerResult,
  negotiateLegacyVersion,
} from './eras.js';

test('a lifted request carries the envelope and keeps what else was in params and _meta', () => {
  const request = {
    jsonrpc: '2.0' as const,
    id: 0,
    method: 'tools/call',
    params: { name: 'add', arguments: { a: 1 }, extra: true, _meta: { progressToken: 0, traceparent: '00-1' } },
  };
  expect(liftRequest(request, { clientInfo: { name: 'Codex', version: '1' }, capabilities: {} })).toEqual({
    jsonrpc: '2.0',
    id: 0,
    method: 'tools/call',
    params: {
      name: 'add',
      arguments: { a: 1 },
      extra: true,
      _meta: {
        progressToken: 0,
        traceparent: '00-1',
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'Codex', version: '1' },
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    },
  });
});

test('a legacy client cannot smuggle an envelope of its own', () => {
  const params = { _meta: { 'io.modelcontextprotocol/clientInfo': { name: 'forged' } } };
  expect(liftRequest({ method: 'tools/list', params }, { capabilities: {} }).params).toEqual({
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  });
});

test('a lowered request loses the envelope, keeps the progress token, and drops an empty _meta', () => {
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', progressToken: 0 };
  expect(lowerRequest({ method: 'tools/list', params: { _meta: meta } }).params).toEqual({
    _meta: { progressToken: 0 },
  });
  expect(lowerRequest({ method: 'tools/list', params: { cursor: 'c', _meta: {} } }).params).toEqual({ cursor: 'c' });
});

test('results change era in both directions and keep unknown fields', () => {
  expect(
    lowerResult('tools/list', { resultType: 'complete', ttlMs: 5, cacheScope: 'public', tools: [], x: 1 }),
  ).toEqual({
    tools: [],
    x: 1,
  });
  expect(lowerResult('tasks/get', { resultType: 'complete', taskId: 't', ttlMs: 5 })).toEqual({
    taskId: 't',
    ttlMs: 5,
  });
  expect(liftResult('tools/list', { tools: [], x: 1 })).toEqual({
    resultType: 'complete',
    ttlMs: 0,
    cacheScope: 'private',
    tools: [],
    x: 1,
  });
  expect(liftResult('tools/call', { content: [] })).toEqual({ resultType: 'complete', content: [] });
});

test('discover and initialize are made from each other', () => {
  const initialize = {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'crm', version: '2' },
    instructions: 'Be kind.',
  };
  const discover = discoverResult(initialize);
  expect(discover).toEqual({
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {} },
    instructions: 'Be kind.',
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'crm', version: '2' } },
  });
  expect(initializeResult(discover, '2025-11-25', { name: 'crm', version: '2' })).toEqual(initialize);
});

test('an unknown version is answered with our newest legacy one', () => {
  expect(negotiateLegacyVersion('2025-06-18')).toBe('2025-06-18');
  expect(negotiateLegacyVersion('2024-11-05')).toBe('2025-11-25');
  expect(negotiateLegacyVersion(undefined)).toBe('2025-11-25');
});

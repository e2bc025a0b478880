import { expect, test } from 'vitest';
import { requireMessage } from './require-message.js';

const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

test.each([
  '{"jsonrpc":"2.0","id":1,"result":{}}',
  '{"jsonrpc":"2.0","id":"","result":{"x":1},"y":2}',
  '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no","data":null}}',
  '{"jsonrpc":"2.0","error":{"code":-32700,"message":"not read"}}',
  '{"jsonrpc":"2.0","method":"notifications/x"}',
  '{"jsonrpc":"2.0","id":1,"method":"x/ask","params":{}}',
])('%s passes', (text) => {
  expect(() => requireMessage(text, true)).not.toThrow();
});

test.each([
  '{"jsonrpc":"2.0","result":{}}',
  '{"jsonrpc":"2.0","id":["1"],"result":{}}',
  '{"jsonrpc":"2.0","id":{},"error":{"code":1,"message":""}}',
  '{"id":1,"result":{}}',
  '{"jsonrpc":"1.0","id":1,"result":{}}',
  '{"jsonrpc":"2.0","id":1}',
  '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
  '{"jsonrpc":"2.0","id":1,"result":5}',
  '{"jsonrpc":"2.0","id":1,"result":null}',
  '{"jsonrpc":"2.0","id":1,"error":"no"}',
  '{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}',
  '{"jsonrpc":"2.0","id":1,"error":{"code":1}}',
  '{"jsonrpc":"2.0","id":1,"method":"x","result":{}}',
  '{"jsonrpc":"2.0","id":1,"method":5}',
  '[{"jsonrpc":"2.0","id":1,"result":{}}]',
  '{"jsonrpc":"2.0"',
])('%s does not reach the client', (text) => {
  expect(() => requireMessage(text, false)).toThrow(expect.objectContaining({ code: 'upstream_invalid' }));
});

test('only what is worked on must not be deep', () => {
  const message = `{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":${deep}}`;
  expect(() => requireMessage(message, true)).toThrow(expect.objectContaining({ code: 'upstream_invalid' }));
  expect(() => requireMessage(`{"jsonrpc":"2.0","id":1,"result":{"a":${deep}}}`, false)).not.toThrow();
});

import { expect, test } from 'vitest';
import { readMessage } from './message.js';

function read(text: string, batches = false): unknown {
  const result = readMessage({ kind: 'line', text }, batches);
  return result.kind === 'fault' ? [result.id, result.error.form.jsonRpc] : result.kind;
}

test.each([
  ['{"jsonrpc":"2.0","id":0,"method":"ping"}', 'request'],
  ['{"jsonrpc":"2.0","id":"","method":"ping","x":1}', 'request'],
  ['{"jsonrpc":"2.0","method":"notifications/x"}', 'notification'],
  ['{"jsonrpc":"2.0","id":1,"result":{}}', 'response'],
  ['{"jsonrpc":"2.0","method":"notifications/x","params":[]}', 'ignored'],
])('%s is a %s', (text, kind) => {
  expect(read(text)).toBe(kind);
});

test.each([
  ['{"jsonrpc":"2.0","id":1,"method":"ping"', null, -32700],
  ['[{"jsonrpc":"2.0","id":1,"method":"ping"}]', null, -32600],
  ['"ping"', null, -32600],
  ['{"id":7,"method":"ping"}', 7, -32600],
  ['{"jsonrpc":"2.0","id":null,"method":"ping"}', null, -32600],
  ['{"jsonrpc":"2.0","id":{},"method":"ping"}', null, -32600],
  ['{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', 1, -32602],
  ['{"jsonrpc":"2.0","id":1}', 1, -32600],
  ['{"jsonrpc":"2.0","id":1e400,"method":"ping"}', null, -32600],
  ['{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}', null, -32600],
])('%s is refused', (text, id, code) => {
  expect(read(text)).toEqual([id, code]);
});

test('lines that cannot be read at all are refused without an id', () => {
  expect(readMessage({ kind: 'too_long' }, false)).toMatchObject({
    kind: 'fault',
    id: null,
    error: { code: 'request_too_large' },
  });
  expect(readMessage({ kind: 'not_utf8' }, false)).toMatchObject({
    kind: 'fault',
    error: { code: 'request_unparsable' },
  });
});

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const DEEP = '['.repeat(100_000) + ']'.repeat(100_000);
const ENVELOPE = '{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}';

test.each([
  ['nothing in it', '[]', 'The batch is empty'],
  ['initialize', `[${PING},{"jsonrpc":"2.0","id":2,"method":"initialize"}]`, '`initialize` may not be part of a batch'],
  ['an id twice', `[${PING},${PING}]`, 'the same id'],
  ['too much', `[${Array(33).fill('{"jsonrpc":"2.0","method":"notifications/x"}').join()}]`, 'more than 32 messages'],
  ['something else', `[${PING},7]`, 'not a valid JSON-RPC message'],
  ['a batch', `[[${PING}]]`, 'not a valid JSON-RPC message'],
  ['another revision', `[{"jsonrpc":"2.0","id":1,"method":"x","params":${ENVELOPE}}]`, 'part of MCP 2025-03-26 only'],
  ['deep nesting', `[{"jsonrpc":"2.0","id":1,"method":"x","params":{"x":${DEEP}}}]`, 'nested deeper than 1000 levels'],
])('a batch with %s is refused as a whole', (_what, text, reason) => {
  const result = readMessage({ kind: 'line', text }, true);
  expect(result).toMatchObject({ kind: 'fault', error: { message: expect.stringContaining(reason) } });
});

test('a batch is read message by message, where the app agreed on the revision that has them', () => {
  const text = `[${PING},{"jsonrpc":"2.0","method":"notifications/x","params":{"n":12345678901234567890}}]`;
  expect(read(text, true)).toBe('batch');
  const batch = readMessage({ kind: 'line', text }, true);
  expect(batch).toMatchObject({ messages: [{ kind: 'request' }, { kind: 'notification' }] });
  expect(JSON.stringify(batch)).toContain('12345678901234567890');
  expect(read(text)).toEqual([null, -32600]);
});

test.each(['"method":"ping","params":', '"result":', '"x":1.0,"result":'])(
  'what lies too deep to be sent on is refused: %s',
  (member) => {
    const deep = `${'{"a":'.repeat(100_000)}{}${'}'.repeat(100_000)}`;
    expect(read(`{"jsonrpc":"2.0","id":3,${member}${deep}}`)).toEqual([3, -32600]);
  },
);

import { expect, test } from 'vitest';
import { readMessage } from './message.js';

function read(text: string): unknown {
  const result = readMessage({ kind: 'line', text });
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
  expect(readMessage({ kind: 'too_long' })).toMatchObject({
    kind: 'fault',
    id: null,
    error: { code: 'request_too_large' },
  });
  expect(readMessage({ kind: 'not_utf8' })).toMatchObject({ kind: 'fault', error: { code: 'request_unparsable' } });
});

test.each(['"method":"ping","params":', '"result":', '"x":1.0,"result":'])(
  'what lies too deep to be sent on is refused: %s',
  (member) => {
    const deep = `${'{"a":'.repeat(100_000)}{}${'}'.repeat(100_000)}`;
    expect(read(`{"jsonrpc":"2.0","id":3,${member}${deep}}`)).toEqual([3, -32600]);
  },
);

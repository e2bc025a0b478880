import { expect, test } from 'vitest';
import { MessageScanner, type ScanEdits } from './message-scanner.js';

function scan(text: string, edits: ScanEdits = {}, size = text.length) {
  const scanner = new MessageScanner(edits);
  const bytes = Buffer.from(text);
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(...scanner.write(bytes.subarray(at, at + size)));
  return { text: Buffer.concat(out).toString(), scanner };
}

const SIZES = [1, 2, 3, 7, 1000];

test.each(SIZES)('without edits every byte passes as it came (chunks of %i)', (size) => {
  const text = ' {"jsonrpc": "2.0",\n"id":1, "result": {"a":[1,2,{"id":"x"}],"s":"q\\"}\\\\","n":null,"Ü":"€"}} \n';
  const { text: out, scanner } = scan(text, {}, size);
  expect(out).toBe(text);
  expect(scanner.complete).toBe(true);
});

test.each(SIZES)('only the top-level id is replaced (chunks of %i)', (size) => {
  const { text, scanner } = scan('{"result":{"id":7,"x":{"id":"8"}},"jsonrpc":"2.0","id":42}', { id: '"a\\"b"' }, size);
  expect(text).toBe('{"result":{"id":7,"x":{"id":"8"}},"jsonrpc":"2.0","id":"a\\"b"}');
  expect(scanner.facts.id).toBe('42');
});

test.each([
  ['{"id":"x\\"y","result":{}}', '{"id":0,"result":{}}'],
  ['{"id": null ,"error":{"code":-1}}', '{"id": 0 ,"error":{"code":-1}}'],
  ['{"\\u0069d":5,"result":{}}', '{"\\u0069d":0,"result":{}}'],
  ['{"id":1,"id":2,"result":{}}', '{"id":0,"id":0,"result":{}}'],
])('the id of %s is replaced whatever its form', (text, expected) => {
  for (const size of SIZES) expect(scan(text, { id: '0' }, size).text).toBe(expected);
});

test.each([
  ['{"result":{"content":[]},"id":1}', '{"result":{"resultType":"complete","content":[]},"id":1}'],
  ['{"result": { } ,"id":1}', '{"result": { "resultType":"complete"} ,"id":1}'],
  ['{"params":{"result":{"a":1}}}', '{"params":{"result":{"a":1}}}'],
  ['{"result":{"result":{"a":1}}}', '{"result":{"resultType":"complete","result":{"a":1}}}'],
])('members are put first into the result of %s', (text, expected) => {
  for (const size of SIZES) expect(scan(text, { resultMembers: '"resultType":"complete"' }, size).text).toBe(expected);
});

test.each([
  ['{"id":1,"result":{"resultType":"complete","a":1}}', '{"id":1,"result":{"a":1}}'],
  [
    '{"result":{"a":1,"resultType":"complete","b":[1,{"resultType":2}]}}',
    '{"result":{"a":1,"b":[1,{"resultType":2}]}}',
  ],
  ['{"result":{"a":{"x":1,"y":2},"ttlMs":5}}', '{"result":{"a":{"x":1,"y":2}}}'],
  ['{"result":{"ttlMs":5,"cacheScope":"public","resultType":"complete"}}', '{"result":{}}'],
  ['{"result":{"resultType":{"deep":[1,{"a":2}],"b":"}"},"a":",\\""}}', '{"result":{"a":",\\""}}'],
  ['{"result":{"\\u0072esultType":"complete","a":1}}', '{"result":{"a":1}}'],
  ['{"result":{"ttlMs":5,"a":1},"result":{"ttlMs":5,"b":2}}', '{"result":{"a":1},"result":{"b":2}}'],
  ['{"result":["resultType",1],"resultType":"x"}', '{"result":["resultType",1],"resultType":"x"}'],
  ['{"error":{"code":1,"resultType":"x"},"id":1}', '{"error":{"code":1,"resultType":"x"},"id":1}'],
  [`{"result":{"${'k'.repeat(5_000)}":1,"ttlMs":5,"b":2}}`, `{"result":{"${'k'.repeat(5_000)}":1,"b":2}}`],
])('members that older revisions do not have are left out of the result of %s', (text, expected) => {
  const dropped = ['resultType', 'ttlMs', 'cacheScope'];
  for (const size of SIZES) expect(scan(text, { dropped, cacheScope: '"private"' }, size).text).toBe(expected);
});

test('spaces around a member that is left out stay, and what it said is known', () => {
  const { text, scanner } = scan('{ "result" : { "a" : 1 , "resultType" : "input_required" , "b" : 2 } }', {
    dropped: ['resultType'],
  });
  expect(text).toBe('{ "result" : { "a" : 1   ,"b" : 2 } }');
  expect(scanner.facts.inputRequired).toBe(true);
});

test('a cache scope that would share a result between people is replaced', () => {
  const text = '{"result":{"cacheScope":"public","contents":[{"cacheScope":"public"}]},"id":1}';
  const expected = '{"result":{"cacheScope":"private","contents":[{"cacheScope":"public"}]},"id":1}';
  for (const size of SIZES) expect(scan(text, { cacheScope: '"private"' }, size).text).toBe(expected);
});

test('resource URIs are prefixed where the schema has them, and nowhere else', () => {
  const text = JSON.stringify({
    result: {
      contents: [{ uri: 'a:1', text: 'uri' }],
      content: [
        { type: 'resource_link', uri: 'a:2' },
        { type: 'resource', resource: { uri: 'a:3' } },
        { type: 'text', text: '"uri":"a:0"' },
      ],
      messages: [{ content: { resource: { uri: 'a:4' } } }, { content: { uri: 'a:5' } }],
      structuredContent: { uri: 'a:6', deep: { deep: { deep: { deep: { uri: 'a:7' } } } } },
      uri: 'a:8',
    },
  });
  for (const size of SIZES) {
    const prefixed = scan(text, { uriPrefix: 'mcp.crm+' }, size).text;
    expect(prefixed.match(/mcp\.crm\+a:\d/g)).toEqual([1, 2, 3, 4, 5].map((n) => `mcp.crm+a:${n}`));
    expect(JSON.parse(prefixed.replaceAll('mcp.crm+', ''))).toEqual(JSON.parse(text));
  }
});

const facts = (text: string) => scan(text, {}, 3).scanner.facts;

test('facts tell the kinds of messages and the outcome apart', () => {
  const unsaid = { methodName: undefined, level: undefined, inputRequired: false };
  const none = {
    ...unsaid,
    id: undefined,
    method: false,
    result: false,
    error: false,
    isError: false,
    errorCode: undefined,
  };
  expect(facts('{"id":1,"result":{"isError":true}}')).toEqual({ ...none, id: '1', result: true, isError: true });
  expect(facts('{"id":1,"result":{"x":{"isError":true}}}')).toEqual({ ...none, id: '1', result: true });
  expect(facts('{"id":1,"error":{"code":-32602,"message":"x"}}')).toEqual({
    ...none,
    id: '1',
    error: true,
    errorCode: -32602,
  });
  expect(facts('{"method":"notifications/progress","params":{"id":9}}')).toEqual({
    ...none,
    method: true,
    methodName: 'notifications/progress',
  });
  expect(facts('{"method":"sampling/createMessage","id":"s1"}')).toEqual({
    ...none,
    id: '"s1"',
    method: true,
    methodName: 'sampling/createMessage',
  });
  expect(facts('{"method":"notifications/message","params":{"level":"error"}}')).toMatchObject({ level: 'error' });
  expect(facts('{"id":1,"result":{"resultType":"input_required"}}')).toMatchObject({ inputRequired: true });
  expect(facts('{"id":1,"result":{"inputRequests":{"a":{}}}}')).toMatchObject({ inputRequired: true });
  expect(facts('{"id":1,"result":{"x":{"inputRequests":{"a":{}}}}}')).toMatchObject({ inputRequired: false });
});

test('what is no object, or goes on after its end, is invalid', () => {
  expect(scan('not json').scanner.invalid).toBe(true);
  expect(scan('[{"id":1}]').scanner.invalid).toBe(true);
  expect(scan('{"id":1}{"id":2}').scanner.invalid).toBe(true);
  expect(scan('{"id":1,"result":{').scanner.complete).toBe(false);
});

test('a hundred thousand open brackets cost no memory and no stack', () => {
  const { scanner } = scan(`{"result":${'['.repeat(100_000)}${']'.repeat(100_000)},"id":1}`, { id: '2' });
  expect(scanner.complete).toBe(true);
  expect(scanner.facts.id).toBe('1');
});

test('five megabytes pass in chunks without being gathered', () => {
  const scanner = new MessageScanner({ id: '1' });
  const chunk = Buffer.alloc(65_536, 'x');
  let passed = 0;
  scanner.write(Buffer.from('{"result":{"content":[{"type":"text","text":"'));
  for (let n = 0; n < 80; n += 1) for (const part of scanner.write(chunk)) passed += part.length;
  expect(passed).toBe(80 * 65_536);
  scanner.write(Buffer.from('"}]},"id":9}'));
  expect(scanner.complete).toBe(true);
});

test.each([1, 63, 64, 65, 66, 129, 10_000])(
  'long texts end where they end, whatever is escaped (chunks of %i)',
  (size) => {
    const plain = 'x'.repeat(70);
    const texts = [
      '"',
      '\\',
      '\\"',
      `${plain}"`,
      `${plain}\\`,
      `"${plain}\\"${plain}`,
      `${plain}\\\\\\"","id":9,"s":"`,
    ];
    const message = JSON.stringify({ result: { content: texts.map((text) => ({ type: 'text', text })) }, id: 42 });
    const { text, scanner } = scan(message, { id: '7' }, size);
    expect(text).toBe(message.replace(/42}$/, '7}'));
    expect([scanner.complete, scanner.facts.id]).toEqual([true, '42']);
  },
);

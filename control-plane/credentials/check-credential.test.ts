import { expect, test } from 'vitest';
import { credentialObjections } from './check-credential.js';

const url = 'https://crm.example/mcp?tenant=7';
const header = (name: string) => credentialObjections({ kind: 'header', name, secret: 'env:X' }, url);
const basic = (username: string) => credentialObjections({ kind: 'basic', username, secret: 'env:X' }, url);
const cookie = (name: string) => credentialObjections({ kind: 'cookie', name, secret: 'env:X' }, url);
const assertion = (name: string) => credentialObjections({ kind: 'user-assertion', header: name, claims: [] }, url);
const query = (name: string) => credentialObjections({ kind: 'query', name, secret: 'env:X' }, url);

test.each(['x-api-key', 'Authorization', 'X_Key', 'cookie'])('the header %s may carry a secret', (name) => {
  expect(header(name)).toEqual([]);
});

test.each([
  'Host',
  'content-length',
  'Transfer-Encoding',
  'connection',
  'Mcp-Session-Id',
  'MCP-Protocol-Version',
  'accept-encoding',
  'Proxy-Authorization',
  'X-Forwarded-For',
  'Sec-Fetch-Mode',
  ':authority',
  'Origin',
])('the header %s is refused', (name) => {
  expect(header(name)).toEqual([
    {
      key: 'name',
      message: `the header ${name.toLowerCase()} belongs to HTTP or MCP itself`,
      fix: 'name the header that the server reads its key from, such as x-api-key',
    },
  ]);
});

test.each(['x key', 'x-key:', 'x-key\r\nhost', 'x-ключ', ''])('%j is no header name', (name) => {
  expect(header(name)).toMatchObject([{ key: 'name', message: 'not a header name' }]);
});

test.each(['sid', '__Host-sid', 'SID_1'])('the cookie %s may carry a secret', (name) => {
  expect(cookie(name)).toEqual([]);
});

test.each(['a=b', 'a; b', 'a;b', 'a,b', 'a b', '"a"', 'a\r\nset-cookie', 'ä', ''])(
  '%j is no name of a cookie',
  (name) => {
    expect(cookie(name)).toMatchObject([{ key: 'name', message: 'not the name of a cookie' }]);
  },
);

test('an assertion has a header of its own, and takes none of the protocol’s', () => {
  expect(assertion('Mcp-Sso-Assertion')).toEqual([]);
  for (const name of ['Mcp-Session-Id', 'Mcp-Param-Who', 'Host', 'X-Forwarded-User', 'a b']) {
    expect(assertion(name)).toMatchObject([{ key: 'header' }]);
  }
});

test('basic: no colon and no control character in the user name', () => {
  expect(basic('service@acme')).toEqual([]);
  expect(basic('a:b')).toMatchObject([{ key: 'username' }]);
  expect(basic('a\nb')).toMatchObject([{ key: 'username' }]);
});

test('query: not a parameter that the address has already', () => {
  expect(query('api_key')).toEqual([]);
  expect(query('tenant')).toMatchObject([{ key: 'name', message: 'the url has a parameter of this name already' }]);
  expect(query('a\u0000b')).toMatchObject([{ key: 'name' }]);
});

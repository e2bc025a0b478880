import { expect, test } from 'vitest';
import { endpointOf } from './endpoint.js';

const STREAM = 'https://old.example:8443/mcp/sse?key=1';

test.each([
  ['/messages?sessionId=1', 'https://old.example:8443/messages?sessionId=1'],
  ['messages', 'https://old.example:8443/mcp/messages'],
  ['https://old.example:8443/m#f', 'https://old.example:8443/m'],
  ['?session=2', 'https://old.example:8443/mcp/sse?session=2'],
])('the endpoint %s is %s', (named, endpoint) => {
  expect(endpointOf(named, STREAM)).toBe(endpoint);
});

test.each([
  'https://evil.example/messages',
  '//evil.example/messages',
  '\\\\evil.example\\messages',
  'https://old.example/messages',
  'http://old.example:8443/messages',
  'https://old.example:8443@evil.example/',
  'https://user:pass@old.example:8443/messages',
  'file:///etc/passwd',
  'data:text/plain,x',
  'https://[bad',
])('the endpoint %s is refused', (named) => {
  expect(() => endpointOf(named, STREAM)).toThrow('not MCP');
});

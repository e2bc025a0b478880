import { expect, test } from 'vitest';
import { isLoopback, parseListen } from './address.js';

test.each([
  ['127.0.0.1:8700', { host: '127.0.0.1', port: 8700 }],
  ['0.0.0.0:1', { host: '0.0.0.0', port: 1 }],
  ['localhost:8700', { host: '127.0.0.1', port: 8700 }],
  ['[::1]:65535', { host: '::1', port: 65_535 }],
  ['::1:8700', undefined],
  ['127.0.0.1', undefined],
  ['127.0.0.1:0', undefined],
  ['127.0.0.1:65536', undefined],
  ['mcp.acme.example:8700', undefined],
  [':8700', undefined],
  ['127.0.0.1:8700 ', undefined],
])('listen %s', (text, expected) => expect(parseListen(text)).toEqual(expected));

test.each([
  ['http://localhost:1', true],
  ['http://127.8.9.1', true],
  ['http://[::1]:2/x', true],
  ['http://127.0.0.1.evil.example', false],
  ['http://localhost.evil.example', false],
  ['http://0.0.0.0', false],
  ['http://10.0.0.1', false],
])('loopback %s', (url, expected) => expect(isLoopback(new URL(url))).toBe(expected));

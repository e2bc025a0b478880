import { expect, test } from 'vitest';
import { decodeHeaderValue, encodeHeaderValue, mismatchedHeader, modernHeaders } from './headers.js';

const envelope = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
const call = { method: 'tools/call', params: { name: 'Grüße', _meta: envelope } };

test.each([
  ['us-west1', 'us-west1'],
  ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
  [' padded ', '=?base64?IHBhZGRlZCA=?='],
  ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
  ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
  ['', '=?base64??='],
])('the value %j travels as %j and comes back', (value, line) => {
  expect(encodeHeaderValue(value)).toBe(line);
  expect(decodeHeaderValue(line)).toBe(value);
});

test('a broken encoding has no value', () => {
  expect(decodeHeaderValue('=?base64?a$b?=')).toBeUndefined();
  expect(decodeHeaderValue('na\u0000me')).toBeUndefined();
});

test('headers mirror the body and agree with it', () => {
  const headers = modernHeaders(call);
  expect(headers).toEqual({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': '=?base64?R3LDvMOfZQ==?=',
  });
  expect(mismatchedHeader(headers, call)).toBeUndefined();
});

test.each([
  ['mcp-name', 'allowed', 'Mcp-Name'],
  ['mcp-name', undefined, 'Mcp-Name'],
  ['mcp-method', 'tools/list', 'Mcp-Method'],
  ['mcp-method', undefined, 'Mcp-Method'],
  ['mcp-protocol-version', '2025-11-25', 'MCP-Protocol-Version'],
  ['mcp-protocol-version', undefined, 'MCP-Protocol-Version'],
])('a header %s of %j is a mismatch', (header, value, named) => {
  expect(mismatchedHeader({ ...modernHeaders(call), [header]: value }, call)).toBe(named);
});

test('a method that names nothing needs no Mcp-Name', () => {
  const list = { method: 'tools/list', params: { _meta: envelope } };
  expect(mismatchedHeader(modernHeaders(list), list)).toBeUndefined();
});

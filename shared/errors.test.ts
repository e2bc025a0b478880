import { expect, test } from 'vitest';
import { asCoded, CodedError, ERRORS } from './errors.js';

test('docs/errors.md is the table', async () => {
  const rows = Object.entries(ERRORS).map(
    ([code, { http, jsonRpc, exit, text }]) => `| \`${code}\` | ${http} | ${jsonRpc} | ${exit} | ${text} |`,
  );
  const page = [
    '# Errors',
    '',
    'Every error of mcp-sso, on each surface it can reach you by: HTTP status, JSON-RPC code, exit code of the command line.',
    'Made from `shared/errors.ts` by `npx vitest run shared/errors.test.ts -u`.',
    '',
    '| code | HTTP | JSON-RPC | exit | what you are told |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot('../docs/errors.md');
});

test('codes of our own lie outside the ranges that JSON-RPC and MCP reserve', () => {
  const reserved = new Set<number>([-32700, -32600, -32601, -32602, -32603, -32020, -32022]);
  const own = Object.values(ERRORS)
    .map((form) => form.jsonRpc)
    .filter((code) => !reserved.has(code));
  expect(own.filter((code) => code >= -32768 && code <= -32000)).toEqual([]);
  expect(new Set(own).size).toBe(own.length);
});

test('an unforeseen error shows none of its own text', () => {
  const coded = asCoded(new Error('password=hunter2'));
  expect(coded.code).toBe('internal');
  expect(coded.message).toBe('Something went wrong inside mcp-sso.');
  expect(coded.detail).toBe('password=hunter2');
});

test('a public message replaces the text of the table, the detail does not', () => {
  const error = new CodedError('policy_denied', { message: 'No policy permits it.', detail: 'private' });
  expect(error.message).toBe('No policy permits it.');
  expect(error.form.exit).toBe(6);
});

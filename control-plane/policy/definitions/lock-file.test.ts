import { expect, test } from 'vitest';
import { faultText } from '../../config/fault-text.js';
import { definitionOf } from './definition.js';
import { formatLock, readLock } from './lock-file.js';

const item = {
  name: 'list',
  title: 'On',
  description: 'Lists\u200b customers.\n# not a comment\n\u{e0041}',
  inputSchema: { type: 'object', properties: { '0x1': { default: 1.5 }, true: {}, '1e3': { enum: ['yes', null] } } },
};
const pinned = () => {
  const { tool, sha256, text } = definitionOf(item);
  return { server: 'crm', tool, sha256, text };
};
const file = (text: string) => [{ file: 'mcp-sso.lock.yaml', text }];
const faultsOf = (text: string): string[] => readLock(file(text)).faults.map(faultText);

test('what is exported is read as it was, whatever it holds, and hides no character', () => {
  const text = formatLock([pinned()]);
  expect(text).toContain('\\U0000200b');
  expect(text).not.toMatch(/\p{Cf}/u);
  const { lock, faults } = readLock(file(text));
  expect(faults).toEqual([]);
  expect([...lock.get('crm')!.get('list')!]).toEqual([[pinned().sha256, item]]);
});

test('without a lock file no server is locked', () => {
  expect(readLock([{ file: 'policies/a.cedar', text: '' }])).toEqual({ lock: new Map(), faults: [] });
});

test('a definition that was edited is refused with its place', () => {
  const [fault] = faultsOf(formatLock([pinned()]).replace('customers', 'everybody'));
  expect(fault).toMatch(
    /^mcp-sso\.lock\.yaml:\d+:\d+ servers\.crm\.list\[0\]\.definition: the definition is not the one of this hash/,
  );
});

test('what is in no lock file of this version is refused with its place', () => {
  expect(faultsOf('version: 2\nservers: {}\n')).toEqual([expect.stringMatching(/^mcp-sso\.lock\.yaml:1:10 version: /)]);
  expect(faultsOf('version: 1\nservers:\n  crm:\n    list: [{sha256: abc, definition: {name: list}}]\n')).toEqual([
    expect.stringMatching(/^mcp-sso\.lock\.yaml:4:\d+ servers\.crm\.list\[0\]\.sha256: /),
  ]);
  expect(faultsOf('version: 1\nservers: {}\nmore: 1\n')).toHaveLength(1);
  expect(faultsOf('{')).toEqual([expect.stringMatching(/^mcp-sso\.lock\.yaml:\d+:\d+ this is not valid YAML/)]);
});

const tools = (of: string) => Array.from({ length: 1_000 }, (_tool, index) => `    t${index}: ${of}\n`).join('');

test('a file of very many keys, right or wrong, holds up nobody: its faults are the first hundred', () => {
  expect(faultsOf(`version: 1\nservers:\n  crm:\n${tools('0')}`)).toHaveLength(100);
  expect(faultsOf(`version: 1\nservers:\n  crm:\n${tools('0')}${tools('0')}`)).toHaveLength(100);
});

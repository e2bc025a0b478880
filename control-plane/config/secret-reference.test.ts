import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseSecretReference, resolveSecret } from './secret-reference.js';

function directoryWith(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-sso-secret-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

test.each([
  ['env:NAME', { source: 'env', name: 'NAME' }],
  ['file:/run/secrets/a:b', { source: 'file', path: '/run/secrets/a:b' }],
  ['secret:crm-token', { source: 'secret', name: 'crm-token' }],
  ['hunter2', undefined],
  ['env:', undefined],
  ['vault:x', undefined],
])('%s', (text, expected) => expect(parseSecretReference(text)).toEqual(expected));

test('a file is read relative to the directory, without its last line break', async () => {
  const directory = directoryWith({ token: 'abc\n', windows: 'abc\r\n', two: 'abc\n\n' });
  const read = (path: string) => resolveSecret({ source: 'file', path }, directory, {});
  expect(await read('token')).toBe('abc');
  expect(await read('windows')).toBe('abc');
  expect(await read('two')).toBe('abc\n');
});

test('an empty, oversized or missing secret is refused, and no message holds a value', async () => {
  const directory = directoryWith({ empty: '\n', large: 'x'.repeat(70_000) });
  const read = (path: string) => resolveSecret({ source: 'file', path }, directory, {});
  await expect(read('empty')).rejects.toThrow('the secret file empty is empty');
  await expect(read('large')).rejects.toThrow('the secret file large is larger than 64 KiB');
  await expect(read('none')).rejects.toMatchObject({ message: 'there is no file none', reason: 'absent' });
  await expect(resolveSecret({ source: 'env', name: 'TOKEN' }, directory, { TOKEN: '' })).rejects.toThrow(
    'the environment variable TOKEN is empty',
  );
});

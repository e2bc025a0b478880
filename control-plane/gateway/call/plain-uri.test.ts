import { expect, test } from 'vitest';
import { plainUri } from './plain-uri.js';

test.each([
  ['file:///public/../secret', 'file:///secret'],
  ['file:///public/../../../secret', 'file:///secret'],
  ['file:///public/./a', 'file:///public/a'],
  ['file:///public/%2e%2E/secret', 'file:///secret'],
  ['file:///public/..%2Fsecret', 'file:///secret'],
  ['file:///public\\..\\secret', 'file:///secret'],
  ['file:///public/..', 'file:///'],
  ['file:///public/../secret?q=..#/../x', 'file:///secret?q=..#/../x'],
  ['note:a/../b', 'note:b'],
  ['note:../b', 'note:b'],
  ['note://host/../b', 'note://host/b'],
  ['FILE:///a', 'file:///a'],
  ['file:///s%65cret', 'file:///secret'],
  [' file:///se\tcr\net', 'file:///secret'],
  ['../secret', 'secret'],
])('%s may be read as %s', (uri, plain) => {
  expect(plainUri(uri)).toBe(plain);
});

test.each([
  'file:///a',
  'file:///a%20b',
  'file:///a%2Fb',
  'file:///.config/..b/c.../d',
  'note://Host/A',
  'ui://debug-tool/mcp-app.html',
  'https://x.example/?next=/../a',
  'demo://resource/{id}',
  'file:///gr\u00fc\u00dfe',
  'urn:isbn:1',
  'no scheme',
  '',
])('%s is spelled well', (uri) => {
  expect(plainUri(uri)).toBe(uri);
});

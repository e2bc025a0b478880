import { expect, test } from 'vitest';
import { otherReadings } from './uri-readings.js';

test.each([
  ['file:///public/../secret', 'file:///secret'],
  ['file:///public/../../../secret', 'file:///secret'],
  ['file:///public/./a', 'file:///public/a'],
  ['file:///public/%2e%2E/secret', 'file:///secret'],
  ['file:///public/..%2Fsecret', 'file:///secret'],
  ['file:///public\\..\\secret', 'file:///secret'],
  ['file:///public/..', 'file:///'],
  ['note:a/../b', 'note:b'],
  ['note:../b', 'note:b'],
  ['note://host/../b', 'note://host/b'],
  ['FILE:///a', 'file:///a'],
  ['file:/secret', 'file:///secret'],
  ['file:secret', 'file:///secret'],
  ['file://LocalHost/secret', 'file:///secret'],
  ['file:///s%65cret', 'file:///secret'],
  [' file:///se\tcr\net', 'file:///secret'],
  ['../secret', 'secret'],
])('%s may be read as %s', (uri, plain) => {
  expect(otherReadings(uri)).toEqual([plain]);
});

test.each([
  ['file:///public//../secret', 'file:///public/secret', 'file:///secret'],
  ['file:///public/%2f\\/../../secret', 'file:///public//secret', 'file:///secret'],
  ['file:///public/?/../../secret', 'file:///secret'],
  ['file:///public/../secret?q=..#/../x', 'file:///secret?q=..#/../x', 'file:///x'],
  ['file:///secret/../public/x?/../../public/x', 'file:///public/x?/../../public/x', 'file:///public/x'],
  ['file:////secret', 'file:///secret'],
  ['file:///private//secret', 'file:///private/secret'],
])('%s may be read otherwise as a path', (uri, ...readings) => {
  expect(otherReadings(uri)).toEqual(readings);
});

test.each([
  'file:///a',
  'file:///a%20b',
  'file:///a%2Fb',
  'file:///.config/..b/c.../d',
  'file://host/a',
  'note://Host/A',
  'ui://debug-tool/mcp-app.html',
  'https://x.example/?next=https://y.example//a',
  'demo://resource/{id}',
  'file:///gr\u00fc\u00dfe',
  'urn:isbn:1',
  'no scheme',
  '',
])('%s is spelled well', (uri) => {
  expect(otherReadings(uri)).toEqual([]);
});

import { expect, test } from 'vitest';
import { formatTlogProof, parseTlogProof } from './tlog-proof.js';

// The example of c2sp.org/tlog-proof, with its signature lines as they stand there.
const CHECKPOINT = `example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

— example.com/fancylog hI2DJw[...]1roloI=
`;
const PROOF = `c2sp.org/tlog-proof@v1
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=

${CHECKPOINT}`;
const HASHES = ['gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=', 'B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA='];

test('the example of the standard is read, with and without its extra line, and written', () => {
  const expected = {
    index: 73894,
    hashes: HASHES.map((hash) => Buffer.from(hash, 'base64')),
    checkpoint: CHECKPOINT,
  };
  expect(parseTlogProof(PROOF)).toEqual(expected);
  expect(parseTlogProof(PROOF.replace('index', 'extra YWdlLXYxLjIuMS1kYXJ3aW4=\nindex'))).toEqual(expected);
  expect(formatTlogProof(expected)).toBe(PROOF);
});

test('a tree of one leaf has a proof without hashes', () => {
  const text = formatTlogProof({ index: 0, hashes: [], checkpoint: CHECKPOINT });
  expect(text.split('\n').slice(0, 4)).toEqual(['c2sp.org/tlog-proof@v1', 'index 0', '', 'example.com/fancylog']);
  expect(parseTlogProof(text)).toEqual({ index: 0, hashes: [], checkpoint: CHECKPOINT });
});

test.each([
  ['another version', PROOF.replace('@v1', '@v2')],
  ['no index', PROOF.replace('index 73894\n', '')],
  ['a leading zero', PROOF.replace('73894', '073894')],
  ['a negative index', PROOF.replace('73894', '-1')],
  ['a short hash', PROOF.replace('gSKy', '')],
  ['no checkpoint', PROOF.slice(0, PROOF.indexOf('\n\n'))],
  ['nothing', ''],
])('refused: %s', (_case, text) => {
  expect(parseTlogProof(text)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { leafHash } from './merkle-tree.js';
import { parseHeader } from './record-header.js';

/** As 0.1.0 logged it, before there were `serverHost`, `groupsHash` and the like. */
const OLDER =
  '{"facts":{"client":"mcp-bridge","decision":"allow","person":"usr_alice","policies":["open"],"replica":"00112233445566aa","server":"far","session":"ses_1","target":"file:///srv/a.txt"},"id":"019ab1c2-0000-7000-8000-000000000000","payload":"' +
  'c'.repeat(64) +
  '","phase":"intent","ts":1764000000000,"type":"resource.read","v":1}';

test('a header of before is read as it was, under the hash that it was logged under', () => {
  expect(parseHeader(OLDER)?.facts).toMatchObject({ target: 'file:///srv/a.txt' });
  expect(leafHash(OLDER).toString('hex')).toBe('0132a9dc9742cf47fa3920ca8615e8290accf59043073531320a0fb36f4ba77b');
});

test('facts that came later are part of the same form, so that older readers verify newer logs', () => {
  const newer = OLDER.replace('"session"', '"serverHost":"far.example:8443","session"');
  expect(parseHeader(newer)).toMatchObject({ v: 1, facts: { serverHost: 'far.example:8443' } });
});

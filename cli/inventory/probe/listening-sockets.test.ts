import { expect, it } from 'vitest';
import { parseSocket } from './listening-sockets.js';

const REST = '0A 00000000:00000000 00:00000000 00000000  1000        0 48213 1 0000000000000000 100 0 0 10 0';

it.each([
  ['0100007F:0BB9', { address: '127.0.0.1', port: 3001 }],
  ['00000000:1F90', { address: '0.0.0.0', port: 8080 }],
  ['00000000000000000000000000000000:0BB9', { address: '::', port: 3001 }],
  ['00000000000000000000000001000000:0BB9', { address: '::1', port: 3001 }],
  ['0000000000000000FFFF00000100007F:0BB9', { address: '127.0.0.1', port: 3001 }],
])('%s listens', (local, expected) => {
  expect(parseSocket(`   1: ${local} 00000000:0000 ${REST}`)).toEqual([{ ...expected, uid: 1000, inode: '48213' }]);
});

it('what is connected does not listen, and what is no line is none', () => {
  expect(parseSocket(`   1: 0100007F:0BB9 0100007F:AAAA ${REST.replace('0A', '01')}`)).toEqual([]);
  expect(parseSocket('')).toEqual([]);
  expect(parseSocket('x y z 0A')).toEqual([]);
});

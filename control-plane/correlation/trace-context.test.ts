import { expect, test } from 'vitest';
import { formatTraceparent, parseTraceparent, parseTracestate } from './trace-context.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const WHOLE = `00-${TRACE}-${PARENT}-01`;

test('the example of the recommendation (§3.2.4)', () => {
  expect(parseTraceparent(WHOLE)).toEqual({ traceId: TRACE, parentId: PARENT, flags: 1 });
  expect(formatTraceparent({ traceId: TRACE, parentId: PARENT, flags: 1 })).toBe(WHOLE);
  expect(parseTraceparent('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03')).toMatchObject({ flags: 3 });
});

test('a newer version is read as far as it is known, and its unknown flags are dropped (§3.2.3, §4.3)', () => {
  expect(parseTraceparent(`cc-${TRACE}-${PARENT}-ff-what-the-future`)).toEqual({
    traceId: TRACE,
    parentId: PARENT,
    flags: 3,
  });
  expect(parseTraceparent(`cc-${TRACE}-${PARENT}-01.what`)).toBeUndefined();
});

test.each([
  ['nothing', undefined],
  ['an object', { traceparent: WHOLE }],
  ['two lines', [WHOLE, WHOLE]],
  ['two values', `${WHOLE}, ${WHOLE}`],
  ['an empty text', ''],
  ['a cut one', WHOLE.slice(0, -1)],
  ['more of version 00', `${WHOLE}-00`],
  ['version ff', `ff${WHOLE.slice(2)}`],
  ['upper case', WHOLE.toUpperCase()],
  ['another digit', WHOLE.replace('0af', '0ag')],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
  ['a parent of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['spaces around it', ` ${WHOLE}`],
  ['a line break', `${WHOLE}\n`],
  ['a header behind a line break', `cc${WHOLE.slice(2)}-\r\nx-evil: 1`],
  ['a long one', `cc${WHOLE.slice(2)}-${'x'.repeat(300)}`],
])('no parent: %s', (_what, value) => {
  expect(parseTraceparent(value)).toBeUndefined();
});

test('the examples of tracestate (§3.3.1)', () => {
  expect(parseTracestate('rojo=00f067aa0ba902b7,congo=t61rcWkgMzE')).toBe('rojo=00f067aa0ba902b7,congo=t61rcWkgMzE');
  expect(parseTracestate('congo=t61rcWkgMzE , , 1rojo@x=a b')).toBe('congo=t61rcWkgMzE,1rojo@x=a b');
});

test.each([
  ['nothing', undefined],
  ['a list', ['a=1', 'b=2']],
  ['an empty text', ' , '],
  ['a key twice', 'a=1,b=2,a=3'],
  ['no value', 'a='],
  ['no key', '=1'],
  ['neither', 'a'],
  ['an upper-case key', 'A=1'],
  ['a value with =', 'a=1=2'],
  ['a line break', 'a=1\r\nx-evil: 1'],
  ['a letter beyond ASCII', 'a=ü'],
  ['33 members', Array.from({ length: 33 }, (_, index) => `k${index}=1`).join(',')],
  ['a key of 257', `${'k'.repeat(257)}=1`],
])('nothing is passed on: %s', (_what, value) => {
  expect(parseTracestate(value)).toBeUndefined();
});

test('long members go first, then those at the end, until 512 characters are left (§3.3.1.5)', () => {
  const long = `long=${'x'.repeat(200)}`;
  const short = Array.from({ length: 10 }, (_, index) => `k${index}=${'y'.repeat(60)}`);
  expect(parseTracestate([short[0], long, ...short.slice(1)].join(','))).toBe(short.slice(0, 8).join(','));
});

import { expect, test } from 'vitest';
import type { AskedCall } from './ai-app.js';
import { violations } from './violations.js';

const call = (more: Partial<AskedCall>): AskedCall => ({ name: 'c', server: 's', answers: [], lost: false, ...more });
const received = { name: 'c', at: 1_000 };
const intent = { target: 'c', time: '1970-01-01T00:00:00.999Z', decision: 'allow' } as const;
const UNKNOWN = 'The connection broke after the call was sent. It is not known whether it took effect.';
const NOT_MADE = 'The MCP server cannot be reached. The call was not made.';

test.each([
  ['done', call({ answers: ['done c'] }), [received]],
  ['unknown, and received', call({ answers: [UNKNOWN] }), [received]],
  ['unknown, and not received', call({ answers: [UNKNOWN] }), []],
  ['not made', call({ answers: [NOT_MADE] }), []],
  ['lost with its bridge', call({ lost: true }), [received]],
])('a call that is %s breaks no rule', (_name, asked, seen) => {
  expect(violations([asked], seen, [intent])).toEqual([]);
});

test.each([
  ['no answer', call({}), [], 'c: no answer'],
  ['two answers', call({ answers: [UNKNOWN, 'done c'] }), [received], `c: 2 answers: ${UNKNOWN} | done c`],
  ['no word on it', call({ answers: ['Oops.'] }), [], 'c at s: says nothing of what is known: Oops.'],
  ['a false denial', call({ answers: [NOT_MADE] }), [received], `c at s: received, and answered: ${NOT_MADE}`],
  ['another call’s answer', call({ answers: ['done d'] }), [], 'c at s: says nothing of what is known: done d'],
  ['an answer from nowhere', call({ answers: ['done c'] }), [], 'c: done, and never received'],
  ['a second sending', call({ answers: ['done c'] }), [received, received], 'c: received 2 times'],
])('%s is found', (_name, asked, seen, violation) => {
  expect(violations([asked], seen, [intent])).toEqual([violation]);
});

test.each([
  ['missing', []],
  ['a denial', [{ ...intent, decision: 'deny' as const }]],
  ['late', [{ ...intent, time: '1970-01-01T00:00:01.001Z' }]],
])('an intent that is %s is found', (_name, intents) => {
  expect(violations([call({ answers: ['done c'] })], [received], intents)).toEqual([
    'c: received without an intent before it',
  ]);
});

import { expect, test } from 'vitest';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { StreamedCall } from './streamed-call.js';
import { sharedHomes, violations } from './violations.js';

const received = { name: 'c', at: 0 };
const progress = (step: number, name = 'c'): JsonObject => ({
  method: 'notifications/progress',
  params: { progressToken: name, progress: step, message: name },
});
const result = (text: string): JsonObject => ({ id: 'c', result: { content: [{ type: 'text', text }] } });
const error = (code: string, message: string): JsonObject => ({
  id: 'c',
  error: { code: -1, message, data: { code } },
});
const DONE = result('done c');
const UNKNOWN = error('outcome_unknown', 'It is not known whether it took effect.');
const NOT_MADE = error('upstream_unreachable', 'The call was not made.');

const hearing = (...heard: JsonObject[]): StreamedCall => ({
  name: 'c',
  server: 's',
  steps: 2,
  asks: false,
  requests: [{ id: 'c', heard }],
});

test.each([
  ['done', [progress(1), progress(2), DONE], [received]],
  ['unknown', [progress(1), UNKNOWN], [received]],
  ['not made', [NOT_MADE], []],
])('a call that is %s breaks no rule', (_name, heard, seen) => {
  expect(violations([hearing(...heard)], seen)).toEqual([]);
});

test.each([
  ['no answer', [progress(1)], [received], ['c: no answer']],
  ['two answers', [UNKNOWN, NOT_MADE], [], ['c: 2 answers to c']],
  ['a progress after the answer', [UNKNOWN, progress(1)], [], ['c: something came after the answer to c']],
  ['a gap in the progress', [progress(1), progress(3), UNKNOWN], [], ['c: progress 1 3 of 2']],
  ['a progress that is missing', [progress(1), DONE], [received], ['c: progress 1 of 2']],
  [
    'another call’s progress',
    [progress(1, 'd'), UNKNOWN],
    [],
    ['c: progress of another call: {"progressToken":"d","progress":1,"message":"d"}'],
  ],
  ['a false denial', [NOT_MADE], [received], [`c: received, and answered: ${JSON.stringify(NOT_MADE['error'])}`]],
  ['a second delivery', [UNKNOWN], [received, received], ['c: delivered twice']],
  [
    'another call’s result',
    [result('done d')],
    [],
    [`c: neither its result nor an error of ours: ${JSON.stringify(result('done d'))}`],
  ],
])('%s is found', (_name, heard, seen, found) => {
  expect(violations([hearing(...heard)], seen)).toEqual(found);
});

test('an upstream session that two clients hear of is found', () => {
  const homes = new Set(['session 1']);
  expect(
    sharedHomes([
      { name: 'a', homes },
      { name: 'b', homes },
    ]),
  ).toEqual(['session 1: a, b']);
});

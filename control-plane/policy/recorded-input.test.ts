import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { argumentReads } from './argument-reads.js';
import type { PolicyInput } from './decision.js';
import { covers, pickArguments, type ArgumentPath } from './picked-arguments.js';
import { readInput, recordInput } from './recorded-input.js';
import { CONTEXT, inputOf } from './testing/inputs.js';

const TRANSFER = inputOf({
  person: { id: 'usr_alice', groups: ['okta/finance'] },
  server: 'bank',
  target: { kind: 'tool', name: 'transfer', effect: 'write', labels: ['money'] },
  serverLabels: ['prod'],
  networks: ['office'],
  grant: { id: 'gra_1', kind: 'grant' },
  context: { ...CONTEXT, acr: 'phr', amr: ['hwk'], device: 'laptop', managedDevice: true, agents: ['service/bot'] },
  args: { amount: 5, to: { iban: 'DE1', name: 'Secret Person' }, note: 'do not keep' },
});

test('what policies read of a call is kept, and no other argument', () => {
  const text = recordInput(TRANSFER, [], [['amount'], ['to', 'iban']])!;
  expect(text).not.toContain('Secret Person');
  expect(text).not.toContain('do not keep');
  expect(readInput(text)).toEqual({
    input: { ...TRANSFER, args: { amount: 5, to: { iban: 'DE1' } } },
    readings: [],
    reads: [['amount'], ['to', 'iban']],
  });
});

test('an argument on the way to one that is read keeps its kind and nothing of what it says', () => {
  const args = { a: 'secret', b: 17, c: true, d: ['secret'], e: null };
  const paths = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, 'x']);
  expect(pickArguments(args, paths)).toEqual({ a: '', b: 0, c: false, d: [], e: null });
});

test('arguments named like parts of objects are data', () => {
  const args = JSON.parse('{"__proto__": {"isAdmin": true}, "constructor": 1}') as PolicyInput['args'];
  const text = recordInput({ ...TRANSFER, args }, [], [['__proto__', 'isAdmin'], ['constructor'], ['toString']])!;
  const read = readInput(text)!.input.args!;
  expect(JSON.stringify(read)).toBe('{"__proto__":{"isAdmin":true},"constructor":1}');
  expect((read as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

test('too long for a record: without arguments, and where even that is too long nothing', () => {
  const long = { ...TRANSFER, args: { amount: 'x'.repeat(1990) } };
  const kept = readInput(recordInput(long, [], [['amount']])!)!;
  expect(kept.reads).toBeUndefined();
  expect(kept.input.args).toEqual({});
  const groups = Array.from({ length: 200 }, (_, index) => `okta/group-${index}`);
  expect(recordInput({ ...TRANSFER, person: { id: 'usr_alice', groups } }, [], [])).toBeUndefined();
});

test.each([
  '',
  'null',
  '{',
  '{"v":1}',
  '[]',
  `{"v":2,"person":"usr_a"}`,
  'x'.repeat(3000),
  JSON.stringify({ ...(JSON.parse(recordInput(TRANSFER, [], [])!) as object), session: { now: 1 } }),
  JSON.stringify({ ...(JSON.parse(recordInput(TRANSFER, [], [])!) as object), more: 1 }),
  recordInput(TRANSFER, [], [])!.replace('10.1.2.3', 'not an address'),
])('what was not recorded here is not read: %.60s', (text) => {
  expect(readInput(text)).toBeUndefined();
});

const texts = fc.string({ unit: 'grapheme', maxLength: 12 });
const path: fc.Arbitrary<ArgumentPath> = fc.array(texts, { minLength: 1, maxLength: 3 });
const context = fc.record({
  now: fc.nat(),
  address: fc.ipV4(),
  acr: fc.option(texts),
  amr: fc.array(texts, { maxLength: 2 }),
  signedInAt: fc.nat(),
  sessionKind: fc.constantFrom('person', 'service', 'break-glass'),
  client: texts,
  claimedClient: fc.option(texts),
  device: fc.option(texts),
  managedDevice: fc.boolean(),
  agents: fc.array(texts, { maxLength: 2 }),
});
const target = fc.oneof(
  fc.record({
    kind: fc.constant('tool'),
    name: texts,
    effect: fc.constantFrom('read', 'write', 'destroy'),
    labels: fc.array(texts, { maxLength: 2 }),
    reviewed: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('resource', 'prompt', 'method'), name: texts }),
);
const input = fc.record({
  person: fc.record({ id: texts, groups: fc.array(texts, { maxLength: 4 }) }),
  server: texts,
  serverLabels: fc.array(texts, { maxLength: 2 }),
  networks: fc.array(texts, { maxLength: 2 }),
  target,
  grant: fc.option(fc.record({ id: texts, kind: fc.constantFrom('grant', 'break-glass') }), { nil: undefined }),
  context,
  args: fc.dictionary(texts, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
});

test('whatever is recorded reads back as it was, with the arguments that were picked', () => {
  fc.assert(
    fc.property(input, fc.array(path, { maxLength: 4 }), fc.array(texts, { maxLength: 2 }), (made, reads, readings) => {
      const call = made as PolicyInput;
      const text = recordInput(call, readings, reads);
      fc.pre(text !== undefined && text.includes('"reads"'));
      const picked = JSON.parse(JSON.stringify(pickArguments(call.args!, reads))) as PolicyInput['args'];
      const read = readInput(text)!;
      expect(JSON.parse(JSON.stringify(read))).toEqual(
        JSON.parse(JSON.stringify({ input: { ...call, args: picked }, readings, reads })),
      );
      expect(covers(read.reads!, reads)).toBe(true);
    }),
    { seed: 6, numRuns: 500 },
  );
});

test('any text at all is read or refused, and never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(readInput(text)).toBeUndefined();
    }),
    { seed: 6, numRuns: 300 },
  );
});

test.each([
  ['context.args.path like "/srv/*"', [['path']]],
  [
    'context.args has filter && context.args.filter has "a b" && context.args.filter["a b"] == 1',
    [['filter'], ['filter', 'a b'], ['filter', 'a b']],
  ],
  ['context.args has a.b.c', [['a', 'b', 'c']]],
  ['context has args && context.paths.path like "/srv/*"', [['path']]],
  ['context.session.managedDevice', []],
  ['context.args == context.args', [[], []]],
  ['principal in resource', []],
])('%s reads %j', (condition, paths) => {
  expect(argumentReads(`permit(principal, action, resource) when { ${condition} };`)).toEqual(paths);
});

test('a policy that reads more than was kept is told apart', () => {
  expect(covers([['to']], [['to', 'iban']])).toBe(true);
  expect(covers([['to', 'iban']], [['to']])).toBe(false);
  expect(covers([], [['amount']])).toBe(false);
  expect(covers([[]], [['amount'], []])).toBe(true);
});

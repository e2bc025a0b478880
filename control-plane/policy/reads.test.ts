import { expect, test } from 'vitest';
import { readsArguments, readsOf, readsOfAll } from './reads.js';

const when = (condition: string) => `permit(principal, action, resource) when { ${condition} };`;
const names = (text: string) => {
  const { args, paths, session, whole } = readsOf(text);
  return { args: [...args].toSorted(), paths: [...paths].toSorted(), session: [...session].toSorted(), whole };
};

test('names are found wherever they stand, and by whatever spelling', () => {
  const text = when(
    String.raw`context.args has amount && context.args.amount > 5 && context has args.limit.upper && context["args"]["na\u{6d}e"] like "x*"
      && (if context.session.managedDevice then [1, context.args.count].contains(2) else { a: context.session.acr } == { a: "x" })`,
  );
  const more = `${text.slice(0, -1)} unless { context.paths.target like "/srv/*" || !(context.session.now < datetime("2027-01-01")) };`;
  expect(names(more)).toEqual({
    args: ['amount', 'count', 'limit', 'name'],
    paths: ['target'],
    session: ['acr', 'managedDevice', 'now'],
    whole: false,
  });
});

test('a policy without conditions reads nothing, nor do names in texts and records', () => {
  const nothing = { args: [], paths: [], session: [], whole: false };
  expect(names('permit(principal, action, resource);')).toEqual(nothing);
  expect(names(when('resource.name == "context.args.amount" || { "Var": "context", ".": 1 } == { "has": 2 }'))).toEqual(
    nothing,
  );
});

test.each([
  'context == {}',
  'context.args == { amount: 1 }',
  '{ x: context }.x.args.amount > 1',
  '(if true then context.args else context.paths).amount == "1"',
  '[context.session].isEmpty()',
  'context has args',
])('what takes a whole reads everything: %s', (condition) => {
  expect(names(when(condition)).whole).toBe(true);
});

test('what cannot be parsed reads everything', () => {
  expect(readsOf('permit(').whole).toBe(true);
});

test('the reads of several policies are those of each', () => {
  const reads = readsOfAll([when('context.args.a == 1'), when('context.session.now == context.session.now')]);
  expect([[...reads.args], [...reads.session], readsArguments(reads)]).toEqual([['a'], ['now'], true]);
  expect(readsArguments(readsOfAll([when('context.session.managedDevice')]))).toBe(false);
});

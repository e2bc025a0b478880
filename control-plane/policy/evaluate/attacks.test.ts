import { expect, test } from 'vitest';
import { parseExactly } from '#shared/mcp/exact-json.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { CONTEXT } from '../testing/inputs.js';
import { deciderOf, definitionsOf, named } from '../testing/decide-by.js';
import { evaluate, loadPolicies, NO_POLICIES } from './evaluate.js';

const TEXT = { type: 'string' };
const KNOWN = definitionsOf({
  pay: {
    amount: { type: 'integer' },
    price: { type: 'number' },
    to: TEXT,
    urgent: { type: 'boolean' },
    tags: { type: 'array', items: TEXT },
    file: TEXT,
    filter: { type: 'object', properties: { owner: TEXT } },
    constructor: TEXT,
  },
  order: { amount: { type: 'integer' }, required: ['amount'] },
  ['__proto__']: { amount: { type: 'integer' } },
});
const forbid = (id: string, condition: string, tool = 'pay') =>
  named(id, `forbid(principal, action == Mcp::Action::"crm/${tool}", resource) when { ${condition} };`);

/** Everything is permitted but for what the forbids name: an argument that was lost on the way would open the call. */
const decide = deciderOf(
  [
    named('open', 'permit(principal, action in Mcp::Action::"call", resource in Mcp::Server::"crm");'),
    forbid('amount', 'context.args has amount && context.args.amount > 500'),
    forbid('zero', 'context.args has amount && context.args.amount == 0'),
    forbid('price', 'context.args has price && context.args.price.greaterThan(decimal("500.0"))'),
    forbid('to', 'context.args has to && (context.args.to == "" || context.args.to == "eve")'),
    forbid('urgent', 'context.args has urgent && context.args.urgent'),
    forbid('tags', 'context.args has tags && context.args.tags.contains("secret")'),
    forbid('file', 'context.paths has file && (context.paths.file like "/etc/*" || context.paths.file like "../*")'),
    forbid('filter', 'context.args has filter.owner && context.args.filter.owner == "eve"'),
    forbid('odd-name', 'context.args has "constructor" && context.args["constructor"] == "x"'),
    forbid('order', 'context.args has amount && context.args.amount > 500', 'order'),
    forbid('proto', 'context.args has amount && context.args.amount > 500', '__proto__'),
  ].join(''),
  KNOWN,
);
const pay = (args: string) => decide({ args: parseExactly(args) as JsonObject });
const tool = (name: string) => ({ kind: 'tool', name, effect: 'write', labels: [], reviewed: true }) as const;

test.each(['{}', '{"amount":500}', '{"price":500,"to":"bob"}', '{"file":"/srv/app/x"}', '{"filter":{}}'])(
  'an honest call goes through: %s',
  (args) => {
    expect(pay(args)).toMatchObject({ outcome: 'allow', policies: ['open'] });
  },
);

test.each([
  ['a whole number beyond what doubles hold', '{"amount":9007199254740993}', 'amount'],
  ['2^63, where 64 bits turn negative', '{"amount":9223372036854775808}', 'amount'],
  ['1e20', '{"amount":1e20}', 'amount'],
  ['a small number in exponent form', '{"amount":1e2}', 'amount'],
  ['a number too large for a double', '{"amount":1e400}', 'amount'],
  ['a fraction where a whole number belongs', '{"amount":500.5}', 'amount'],
  ['a fraction that rounds to a whole number', '{"amount":500.00000000000000001}', 'amount'],
  ['a number as a text', '{"amount":"501"}', 'amount'],
  ['a list around a number', '{"amount":[501]}', 'amount'],
  ['true for a number', '{"amount":true}', 'amount'],
  ['a price with five decimals', '{"price":500.00001}', 'price'],
  ['a price that rounds down', '{"price":500.0000000000000000001}', 'price'],
  ['a price of more than 64 bits', '{"price":922337203685477.5808}', 'price'],
  ['a price in exponent form', '{"price":5.01e2}', 'price'],
  ['a tiny price', '{"price":0.0000001}', 'price'],
  ['an entity in place of a text', '{"to":{"__entity":{"type":"Mcp::User","id":"usr_root"}}}', 'to'],
  ['an extension value in place of a number', '{"price":{"__extn":{"fn":"decimal","arg":"1.0"}}}', 'price'],
  ['an expression in place of a text', '{"to":{"__expr":"principal"}}', 'to'],
  ['a raw number that is only an object', '{"amount":{"rawJSON":"1"}}', 'amount'],
  ['half a character', '{"to":"ev\\ud800e"}', 'to'],
  ['a text beyond all measure', JSON.stringify({ to: 'x'.repeat(70_000) }), 'to'],
  ['1 for true', '{"urgent":1}', 'urgent'],
  ['"true" for true', '{"urgent":"true"}', 'urgent'],
  ['a list of mixed types', '{"tags":["a",1]}', 'tags[]'],
  ['null in a list', '{"tags":[null,"secret"]}', 'tags[]'],
  ['a list within a list', '{"tags":[["secret"]]}', 'tags[]'],
  ['an entity in a list', '{"tags":[{"__entity":{"type":"Mcp::Group","id":"okta/x"}}]}', 'tags[]'],
  ['a text for a list', '{"tags":"secret"}', 'tags'],
  ['an endless list', JSON.stringify({ tags: Array.from({ length: 1_001 }, () => 'a') }), 'tags'],
  ['a list for a record', '{"filter":["eve"]}', 'filter'],
  ['a record that is an entity', '{"filter":{"__entity":{"type":"Mcp::User","id":"x"}}}', 'filter'],
  ['another member of a record', '{"filter":{"owner":"bob","or":{"owner":"eve"}}}', 'filter'],
  ['a member of a record in another case', '{"filter":{"Owner":"eve"}}', 'filter.owner'],
  ['a record that brings its prototype', '{"filter":{"__proto__":{"owner":"eve"}}}', 'filter'],
  ['a key in another case', '{"Amount":501}', 'amount'],
  ['a key in another case beside the true one', '{"amount":1,"AMOUNT":501}', 'amount'],
  ['a key with an invisible character', '{"amo\\u200bunt":501}', 'amount'],
  ['a key in full width', '{"\\uff41mount":501}', 'amount'],
  ['a key that is written in parts', '{"a_mount":501}', 'amount'],
  ['a key with dashes and dots', '{"a-mou.nt":501}', 'amount'],
  ['a member of a record that is written in parts', '{"filter":{"_owner":"eve"}}', 'filter.owner'],
  ['a key with a long s', '{"tag\\u017f":["secret"]}', 'tags'],
  [
    'more keys than anybody needs',
    JSON.stringify(Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`k${n}`, n]))),
    'amount',
  ],
  ['NUL in a path', '{"file":"/srv/a\\u0000/../../etc/passwd"}', 'file'],
  ['a line break in a path', '{"file":"/srv\\n/etc/passwd"}', 'file'],
  ['a blank before a path', '{"file":" /etc/passwd"}', 'file'],
  ['a home folder', '{"file":"~root/.ssh/id_rsa"}', 'file'],
  ['another machine’s share', '{"file":"\\\\\\\\host\\\\etc\\\\passwd"}', 'file'],
  ['`..` behind a backslash', '{"file":"/b\\\\c/../etc/passwd"}', 'file'],
  ['full-width dots', '{"file":"/srv/\\uff0e\\uff0e/etc/passwd"}', 'file'],
  ['an escaped border in a file URI', '{"file":"file:///srv%2f..%2fetc/passwd"}', 'file'],
  ['a broken escape in a file URI', '{"file":"file:///etc/%zz"}', 'file'],
  ['NUL in a file URI', '{"file":"file:///etc/passwd%00.txt"}', 'file'],
  ['a query in a file URI', '{"file":"file:///srv/a?/../../etc/passwd"}', 'file'],
  ['another host in a file URI', '{"file":"file://evil/etc/passwd"}', 'file'],
  ['a URI of another scheme', '{"file":"smb://host/etc/passwd"}', 'file'],
  ['a number for a path', '{"file":7}', 'file'],
])('%s cannot be read, and denies', (_attack, args, argument) => {
  const decision = pay(args);
  expect(decision).toMatchObject({ outcome: 'deny', policies: [], failed: false });
  expect(decision.reason).toMatch(new RegExp(`^The argument “${argument.replaceAll(/[[\]]/g, String.raw`\$&`)}” `));
});

test.each([
  ['a number over the limit, written with a fraction', '{"amount":501.0}', 'amount'],
  ['negative zero', '{"amount":-0}', 'zero'],
  ['negative zero with a fraction', '{"amount":-0.0}', 'zero'],
  ['a price over the limit, with zeros', '{"price":500.0001000}', 'price'],
  ['the empty text', '{"to":""}', 'to'],
  ['an escaped text', '{"to":"\\u0065ve"}', 'to'],
  ['one of many in a list', '{"tags":["a","secret","a"]}', 'tags'],
  ['`..` up from a permitted folder', '{"file":"/srv/app/../../etc/passwd"}', 'file'],
  ['`..` beyond the root', '{"file":"/../../etc/passwd"}', 'file'],
  ['doubled slashes', '{"file":"//etc//passwd"}', 'file'],
  ['dots between', '{"file":"/./etc/./passwd"}', 'file'],
  ['backslashes', '{"file":"\\\\etc\\\\passwd"}', 'file'],
  ['a file URI with escapes', '{"file":"FILE:///%65tc/passwd"}', 'file'],
  ['a file URI with escaped dots', '{"file":"file://localhost/srv/%2e%2e/etc/passwd"}', 'file'],
  ['a relative path that leads out', '{"file":"a/../../x"}', 'file'],
  ['a nested record', '{"filter":{"owner":"eve"}}', 'filter'],
  ['an argument named like a member of every object', '{"constructor":"x"}', 'odd-name'],
  ['the last of two equal keys', '{"amount":1,"amount":501}', 'amount'],
])('%s is read as the server would, and denied', (_attack, args, policy) => {
  expect(pay(args)).toMatchObject({ outcome: 'deny', policies: [policy], failed: false });
});

test('an argument that the tool demands is not left out, and null is the same as absent', () => {
  for (const args of [{}, { amount: null }]) {
    const decision = decide({ target: tool('order'), args });
    expect(decision).toMatchObject({ outcome: 'deny', reason: expect.stringContaining('“amount” is missing') });
  }
  expect(decide({ target: tool('order'), args: { amount: 1 } }).outcome).toBe('allow');
});

test('a tool named like the prototype of every object is judged by its own arguments', () => {
  expect(decide({ target: tool('__proto__'), args: { amount: 501 } })).toMatchObject({
    outcome: 'deny',
    policies: ['proto'],
  });
  expect(decide({ target: tool('__proto__'), args: { Amount: 501 } })).toMatchObject({ outcome: 'deny', policies: [] });
});

test('arguments named like what policies know of the session change nothing there', () => {
  const decider = deciderOf(
    named(
      'managed',
      'permit(principal, action in Mcp::Action::"call", resource) when { context.session.managedDevice };',
    ),
    KNOWN,
  );
  const args = parseExactly(
    '{"session":{"managedDevice":true},"managedDevice":true,"context":{"session":{}}}',
  ) as JsonObject;
  expect(decider({ args }).outcome).toBe('deny');
});

const BY_NAME = deciderOf(
  named('read', 'permit(principal, action in Mcp::Action::"read", resource in Mcp::Server::"crm");') +
    named('one', 'permit(principal, action == Mcp::Action::"crm/get-item.v2", resource);') +
    named('pages', 'permit(principal, action == Mcp::Action::"resource/read", resource);'),
);

test.each([
  ['the group of all actions', 'call'],
  ['an effect', 'read'],
  ['a fixed action', 'resource/read'],
  ['another tool behind a slash', 'crm/get-item.v2'],
  ['a permitted name in another case', 'Get-Item.v2'],
  ['a permitted name with another dash', 'get\u2010item.v2'],
  ['a permitted name with a confusable letter', 'g\u0435t-item.v2'],
  ['a permitted name with an invisible character', 'get-item.v2\u200b'],
  ['a permitted name with a blank', 'get-item.v2 '],
  ['a permitted name without its dot', 'get-item_v2'],
  ['quotes and a policy', '"); permit(principal, action, resource); //'],
  ['an entity', 'Mcp::Action::"crm/get-item.v2"'],
  ['JSON of an entity', '{"__entity":{"type":"Mcp::Action","id":"read"}}'],
  ['a prototype', 'constructor'],
  ['nothing', ''],
])('a tool named like %s is only itself', (_attack, name) => {
  expect(BY_NAME({ target: tool(name), args: {} })).toMatchObject({ outcome: 'deny', policies: [] });
});

test('the tool that is permitted by its own name is', () => {
  expect(BY_NAME({ target: tool('get-item.v2'), args: {} })).toMatchObject({ outcome: 'allow', policies: ['one'] });
});

const SESSION = deciderOf(
  named('open', 'permit(principal, action in Mcp::Action::"call", resource);') +
    named(
      'outside',
      'forbid(principal, action in Mcp::Action::"write", resource) unless { context.session.ip.isInRange(ip("10.0.0.0/8")) };',
    ) +
    named(
      'agents',
      'forbid(principal, action, resource) when { context.session.agents.contains(Mcp::Agent::"service/helper") };',
    ) +
    named(
      'old',
      'forbid(principal, action, resource) unless { context.session has signInAge && context.session.signInAge <= duration("8h") };',
    ) +
    named(
      'weak',
      'forbid(principal, action in Mcp::Action::"write", resource) when { context.session has acr && context.session.acr == "weak" };',
    ),
);

test.each([
  ['an address outside', { address: '11.1.2.3' }, ['outside'], false],
  ['an address outside that looks like IPv6', { address: '::ffff:11.1.2.3' }, ['outside'], false],
  ['no address at all', { address: '' }, ['outside'], true],
  ['an address that is none', { address: '10.1.2.3"; true' }, ['outside'], true],
  ['an agent in the chain', { agents: ['service/other', 'service/helper'] }, ['agents'], false],
  ['a sign-in of unknown age', { signedInAt: 0 }, ['old'], false],
  ['an old sign-in', { signedInAt: CONTEXT.now - 9 * 3_600_000 }, ['old'], false],
  ['a weak sign-in', { acr: 'weak' }, ['weak'], false],
] as const)('%s denies', (_attack, context, policies, failed) => {
  expect(SESSION({ context: { ...CONTEXT, ...context } })).toMatchObject({ outcome: 'deny', policies, failed });
});

test('from inside, alone and fresh, the same call is allowed', () => {
  expect(SESSION({ context: { ...CONTEXT, address: '::ffff:10.9.9.9', acr: 'strong' } }).outcome).toBe('allow');
});

test('sharp edge 1: a forbid that errs on an absent argument denies, whatever permits', () => {
  const texts = {
    all: 'permit(principal, action, resource);',
    limit: 'forbid(principal, action, resource) when { context.args.amount > 500 };',
  };
  loadPolicies('attacks-sharp-edge-1', texts);
  const input = { ...PLAIN_CALL, args: {} };
  expect(evaluate('attacks-sharp-edge-1', { ...NO_POLICIES, texts }, input)).toMatchObject({
    outcome: 'deny',
    policies: ['limit'],
    failed: true,
  });
});

const PLAIN_CALL = {
  person: { id: 'usr_alice', groups: [] },
  server: 'crm',
  target: tool('pay'),
  context: CONTEXT,
  serverLabels: [],
  networks: [],
  grant: undefined,
};

import { expect, test } from 'vitest';
import { settingsSchema } from '../config/settings.js';
import { compilePolicies } from './compile.js';

const settings = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: {
    providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:IDP_SECRET' } },
  },
  servers: {
    crm: { url: 'https://crm.acme.example/mcp', tools: { list_customers: { effect: 'read' } } },
    everything: { url: 'https://everything.acme.example/mcp' },
  },
});

const compile = (...texts: string[]) =>
  compilePolicies(
    texts.map((text, index) => ({ file: `policies/${index + 1}.cedar`, text })),
    settings,
  );
const faultsOf = (...texts: string[]) => compile(...texts).faults;

const GOOD = `// customers
@id("sales-reads-crm")
@reason("Sales may look customers up.")
permit(principal in Mcp::Group::"okta/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");

@id("no-wipe") @reason("By hand only.")
forbid(principal, action == Mcp::Action::"crm/wipe", resource);
`;
const annotated = (rest: string) => `@id("p") @reason("Why.")\n${rest}`;
const revisionOf = (...files: { file: string; text: string }[]) => compilePolicies(files, settings).policies.revision;
const permitOf = (action: string, resource: string) =>
  annotated(`permit(principal, action == Mcp::Action::"${action}", resource == Mcp::Tool::"${resource}");`);
const permitWhen = (condition: string) => annotated(`permit(principal, action, resource) when { ${condition} };`);
const chainOf = (n: number) => Array.from({ length: n }, () => 'principal == principal').join(' && ');

test('a good file compiles to texts and reasons by id', () => {
  const { faults, policies } = compile(GOOD);
  expect(faults).toEqual([]);
  expect(Object.keys(policies.texts)).toEqual(['sales-reads-crm', 'no-wipe']);
  expect(policies.reasons).toEqual({ 'sales-reads-crm': 'Sales may look customers up.', 'no-wipe': 'By hand only.' });
});

test('no file at all is a valid, empty set', () => {
  expect(compile()).toMatchObject({ faults: [], policies: { texts: {} } });
});

test('the revision is that of names and texts, whatever the order', () => {
  const a = { file: 'a.cedar', text: '// a' };
  const b = { file: 'b.cedar', text: '// b' };
  expect(revisionOf(a, b)).toMatch(/^[0-9a-f]{64}$/);
  expect(revisionOf(b, a)).toBe(revisionOf(a, b));
  expect(revisionOf({ file: 'a.cedar', text: '// a2:' }, b)).not.toBe(revisionOf(a, b));
  expect(revisionOf({ file: 'a.cedarb', text: '.cedar' })).not.toBe(revisionOf({ file: 'a.cedar', text: 'b.cedar' }));
});

test('more than ten policies of one file keep their own text and place', () => {
  const text = Array.from(
    { length: 12 },
    (_, n) => `@id("p${n}") @reason("Reason ${n}.") permit(principal, action, resource);`,
  ).join('\n');
  const { policies } = compile(text);
  expect(policies.reasons['p10']).toBe('Reason 10.');
  expect(policies.texts['p10']).toContain('@id("p10")');
  const faults = faultsOf(text.replace('@reason("Reason 10.") ', ''));
  expect(faults).toMatchObject([{ line: 11, column: 1, key: 'p10' }]);
});

test('an unknown server is a fault at its place, with the nearest name', () => {
  const text = annotated('permit(principal, action, resource in Mcp::Server::"crmm");');
  expect(faultsOf(text)).toEqual([
    {
      file: 'policies/1.cedar',
      line: 2,
      column: 39,
      key: 'p',
      message: 'there is no server "crmm" in the settings',
      fix: 'did you mean `crm`? Known are: crm, everything',
    },
  ]);
});

test('places count characters, not bytes, and survive comments that quote the policy', () => {
  const rule = 'permit(principal, action, resource in Mcp::Server::"crmm");';
  const text = `// é🙂 ${rule}\r\n  @id("p") @reason("é🙂") ${rule}`;
  expect(faultsOf(text)).toMatchObject([{ line: 2, column: 64, key: 'p' }]);
});

test('cedar’s findings come at the place in the file, with its own help', () => {
  const text = `${GOOD}\n// ünïcode 🙂\n${annotated('permit(principal, action in Mcp::Action::"raed", resource);')}`;
  expect(faultsOf(text)).toEqual([
    {
      file: 'policies/1.cedar',
      line: 11,
      column: 29,
      key: 'p',
      message: 'unrecognized action `Mcp::Action::"raed"`',
      fix: 'did you mean `Mcp::Action::"read"`?',
    },
  ]);
});

test.each([
  [
    'an unknown provider',
    'principal in Mcp::Group::"entra/sales"',
    'there is no identity provider "entra" in the settings',
  ],
  [
    'an escaped unknown provider',
    String.raw`principal in Mcp::Group::"entr\u{61}/sales"`,
    'there is no identity provider "entra" in the settings',
  ],
  ['a group without provider', 'principal in Mcp::Group::"sales"', '"sales" lacks its first half'],
  ['a person by e-mail', 'principal == Mcp::User::"bob@acme.example"', '"bob@acme.example" is not the id of a person'],
  ['a type without namespace', 'principal in Group::"okta/sales"', 'unrecognized entity type `Group`'],
] as const)('%s is a fault', (_, principal, message) => {
  const faults = faultsOf(annotated(`permit(${principal}, action, resource);`));
  expect(faults).toMatchObject([{ line: 2, message }]);
});

test('names in conditions are checked like those of the scope', () => {
  const text = annotated('permit(principal, action, resource) when { principal in Mcp::Group::"entra/x" };');
  expect(faultsOf(text)).toMatchObject([{ line: 2, column: 57 }]);
});

test('a tool or an action of an unknown server is a fault; an unlisted tool of a known one is not', () => {
  expect(faultsOf(permitOf('crm/anything-at-all', 'crm/anything-at-all'))).toEqual([]);
  expect(faultsOf(permitOf('erp/x', 'erp/x')).map(({ message }) => message)).toEqual([
    'unrecognized action `Mcp::Action::"erp/x"`',
    'there is no server "erp" in the settings',
  ]);
});

test.each([
  'forbid(principal, action == Mcp::Action::"destroy", resource);',
  'permit(principal, action, resource) when { action != Mcp::Action::"destroy" };',
  'forbid(principal, action, resource) when { Mcp::Action::"destroy" == action };',
  'forbid(principal, action, resource) when { [Mcp::Action::"destroy"].contains(action) };',
  String.raw`forbid(principal, action == Mcp::Action::"d\u{65}stroy", resource);`,
])('a group of actions equals no action, which Cedar does not say: %s', (rule) => {
  expect(faultsOf(annotated(rule)).filter(({ message }) => message.includes('group of actions'))).toMatchObject([
    { line: 2, fix: 'write action in Mcp::Action::"destroy"' },
  ]);
});

test('a group of actions holds those in it', () => {
  for (const rule of [
    'permit(principal, action in Mcp::Action::"read", resource);',
    'permit(principal, action in [Mcp::Action::"read", Mcp::Action::"write"], resource);',
    'permit(principal, action, resource) unless { action in Mcp::Action::"destroy" };',
  ]) {
    expect(faultsOf(annotated(rule))).toEqual([]);
  }
});

test('a policy that can never apply is a fault', () => {
  const text = annotated('forbid(principal, action in Mcp::Action::"call", resource is Mcp::Prompt);');
  expect(faultsOf(text)).toMatchObject([
    { line: 1, column: 1, message: 'unable to find an applicable action given the policy scope constraints' },
  ]);
});

test('characters that deceive the eye are a fault', () => {
  const text = annotated('permit(principal in Mcp::Group::"okta/s\u202eales", action, resource);');
  expect(faultsOf(text)).toMatchObject([
    { line: 1, message: 'identifier `okta/s\u202eales` contains BIDI control characters' },
  ]);
});

test('@id and @reason are demanded of every policy', () => {
  expect(
    faultsOf('permit(principal, action, resource);\n@id @reason("\u0007") permit(principal, action, resource);'),
  ).toMatchObject([
    { line: 1, column: 1, key: 'policy #1', message: 'the policy has no @id' },
    { line: 1, column: 1, key: 'policy #1', message: 'the policy has no @reason' },
    { line: 2, column: 1, key: 'policy #2', message: 'the policy has no @id' },
    { line: 2, column: 1, key: 'policy #2', message: 'the @reason is not one line of plain text' },
  ]);
});

test('an @id is taken once, over all files', () => {
  const text = annotated('permit(principal, action, resource);');
  expect(faultsOf(text, `\n${text}`)).toEqual([
    {
      file: 'policies/2.cedar',
      line: 2,
      column: 1,
      key: 'p',
      message: 'the @id is taken by the policy at policies/1.cedar:1',
      fix: 'give one of the two another @id',
    },
  ]);
});

test('a syntax error is found at its place', () => {
  expect(faultsOf('// é🙂\npermit(principal action, resource);')).toMatchObject([
    { line: 2, column: 18, key: '', message: 'not valid Cedar: unexpected token `action`' },
  ]);
});

test('a template is refused and the policies beside it are still checked', () => {
  const text = `@id("t") @reason("T.") permit(principal == ?principal, action, resource);\npermit(principal, action, resource);`;
  expect(faultsOf(text).map(({ line, message }) => [line, message])).toEqual([
    [1, 'this is a template (it has a ?slot); only policies are accepted'],
    [2, 'the policy has no @id'],
    [2, 'the policy has no @reason'],
  ]);
});

test('every fault of every file is reported at once, and a faulty set permits nothing', () => {
  const { faults, policies } = compile(
    'permit(',
    GOOD,
    annotated('permit(principal, action, resource in Mcp::Server::"x");'),
  );
  expect(faults.map(({ file }) => file)).toEqual(['policies/1.cedar', 'policies/3.cedar']);
  expect(policies).toMatchObject({ texts: {}, reasons: {} });
});

test('a text that would break the engine for good never reaches it', () => {
  expect(faultsOf(permitWhen(`${'('.repeat(20_000)}true${')'.repeat(20_000)}`))).toMatchObject([{ line: 2 }]);
  expect(faultsOf(permitWhen(chainOf(2000)))).toMatchObject([{ line: 2 }]);
  expect(faultsOf(`//${' '.repeat(300_000)}`)).toMatchObject([{ message: 'longer than 262144 characters' }]);
  expect(faultsOf(permitWhen(chainOf(100)))).toEqual([]);
  expect(faultsOf(permitWhen(`resource is Mcp::Tool && resource.name like "${'('.repeat(200)}"`))).toEqual([]);
});

test('a network that the settings lack is a fault where it stands: a forbid about it would forbid nothing', () => {
  const named = { ...settings, networks: { office: ['10.0.0.0/8'] } };
  const faults = (condition: string) =>
    compilePolicies([{ file: 'policies/1.cedar', text: permitWhen(condition) }], named).faults;
  expect(faults('context.session.networks.contains("office") // networks.contains("home")\n')).toEqual([]);
  expect(faults('context.session.networks.contains("ofice")')).toEqual([
    {
      file: 'policies/1.cedar',
      line: 2,
      column: 78,
      key: 'p',
      message: 'there is no network "ofice" in the settings',
      fix: 'did you mean `office`? Known under networks are: office',
    },
  ]);
  expect(faults('context.session.networks.containsAny(["office", "Office", "x"])')).toMatchObject([
    { message: 'there is no network "Office" in the settings' },
    { message: 'there is no network "x" in the settings' },
  ]);
});

test('an unknown name below context.session is said once, however many actions the policy is about', () => {
  expect(faultsOf(permitWhen('context.session.managedDevce'))).toMatchObject([
    { message: 'there is no context.session.managedDevce', fix: expect.stringContaining('`managedDevice`') },
  ]);
});

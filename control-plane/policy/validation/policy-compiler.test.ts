import { expect, onTestFinished, test } from 'vitest';
import { settingsSchema, type PolicyFile } from '../../config/settings.js';
import { compilePolicies } from '../compile.js';
import { PolicyCompiler } from './policy-compiler.js';
import { prepared } from './prepared.js';

const SETTINGS = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: {
    providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:IDP_SECRET' } },
  },
  servers: { crm: { url: 'https://crm.acme.example/mcp', tools: { list_customers: { effect: 'read' } } } },
});
const SALES = `@id("sales") @reason("Sales reads.")
permit(principal in Mcp::Group::"okta/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");`;

test.each([
  ['a good set', SALES],
  ['an unknown server', SALES.replaceAll('crm', 'crmm')],
  ['what is no Cedar', 'permit(principal'],
  [
    'a missing attribute',
    `@id("a") @reason("A.") permit(principal, action, resource is Mcp::Tool) when { resource.colour == "red" };`,
  ],
  [
    'too deep a nesting',
    `@id("a") @reason("A.") permit(principal, action, resource) when { ${'('.repeat(300)}true${')'.repeat(300)} };`,
  ],
])('the thread says of %s what this thread says', async (_name, text) => {
  const answer = await compiler().compile(filesOf(text), SETTINGS);
  expect(answer).toEqual(prepared(compilePolicies(filesOf(text), SETTINGS)));
});

test('what is compiled does not hold up this thread, and is compiled once', async () => {
  const one = compiler();
  const files = filesOf(...Array.from({ length: 300 }, (_, index) => SALES.replace('"sales"', `"sales-${index}"`)));
  let turns = 0;
  const turning = setInterval(() => (turns += 1), 1);
  onTestFinished(() => clearInterval(turning));
  const first = await one.compile(files, SETTINGS);
  expect(first.faults).toEqual([]);
  expect(turns).toBeGreaterThan(0);
  expect(await one.compile(files, SETTINGS)).toBe(first);
  expect(one.compileNow(files, SETTINGS)).toBe(first);
});

test('what is compiled under other settings is compiled anew', async () => {
  const one = compiler();
  const { crm } = SETTINGS.servers;
  expect((await one.compile(filesOf(SALES), SETTINGS)).faults).toEqual([]);
  const renamed = { ...SETTINGS, servers: { other: crm! } };
  expect((await one.compile(filesOf(SALES), renamed)).faults).toMatchObject([
    { message: 'there is no server "crm" in the settings' },
  ]);
});

test('a thread that ends is a refusal with its reason, and the next set gets a new thread', async () => {
  const one = compiler({}, program('process.exit(7)'));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    expect(await one.compile(filesOf(SALES), SETTINGS)).toMatchObject({
      faults: [{ file: 'policies', message: 'the policies could not be checked: the check ended (exit code 7)' }],
      policies: { texts: {} },
    });
  }
});

test('a thread that fails is a refusal with its reason', async () => {
  const one = compiler({}, program('throw new Error("no engine")'));
  expect(await one.compile(filesOf(SALES), SETTINGS)).toMatchObject({
    faults: [{ message: 'the policies could not be checked: no engine' }],
  });
});

test('a thread that hangs is ended, and the set after it waits for its own turn only', async () => {
  const hangsOnce = program(`
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ number, request: [files] }) => {
      if (files[0].text === 'hang') for (;;);
      parentPort.postMessage({ number, compilation: { faults: [], policies: { revision: files[0].text } }, broken: false });
    });`);
  const one = compiler({ time: 3_000 }, hangsOnce);
  const hanging = one.compile(filesOf('hang'), SETTINGS);
  const next = one.compile(filesOf('next'), SETTINGS);
  expect(await hanging).toMatchObject({
    faults: [{ message: 'the policies could not be checked: the check took more than 3000 ms' }],
  });
  expect(await next).toMatchObject({ faults: [], policies: { revision: 'next' } });
});

test('an engine that broke down goes with its thread', async () => {
  const counting = program(`
    const { parentPort, threadId } = require('node:worker_threads');
    parentPort.on('message', ({ number }) => parentPort.postMessage(
      { number, compilation: { faults: [], policies: { revision: String(threadId) } }, broken: true }));`);
  const one = compiler({}, counting);
  const revisions = [];
  for (const text of ['a', 'b']) revisions.push((await one.compile(filesOf(text), SETTINGS)).policies.revision);
  expect(new Set(revisions).size).toBe(2);
});

test('more sets than may wait are refused at once', async () => {
  const one = compiler({ time: 200, queue: 2 }, program('for (;;);'));
  const waiting = ['a', 'b'].map((text) => one.compile(filesOf(text), SETTINGS));
  expect(await one.compile(filesOf('c'), SETTINGS)).toMatchObject({
    faults: [{ message: 'the policies could not be checked: too many sets of policies wait to be checked' }],
  });
  await Promise.all(waiting);
});

const LIMITS = { time: 20_000, queue: 16, memory: 512 };

function compiler(bounds: Partial<typeof LIMITS> = {}, thread?: URL): PolicyCompiler {
  const made = new PolicyCompiler({ ...LIMITS, ...bounds }, thread);
  onTestFinished(() => made.end());
  return made;
}

function filesOf(...texts: string[]): PolicyFile[] {
  return [{ file: 'policies/all.cedar', text: texts.join('\n') }];
}

/** Of a thread; a classic script, which the data says itself. */
function program(text: string): URL {
  return new URL(
    `data:text/javascript,${encodeURIComponent(`import { createRequire } from 'node:module';\nconst require = createRequire('file:///');\n${text}`)}`,
  );
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import type { LoadedConfig, PolicyFile } from '../config/settings.js';
import type { KnownDefinitions } from './definitions/known-definitions.js';
import { NO_FACTS } from './policy-facts.js';
import { PolicyService } from './policy.service.js';
import { definitionsOf, named, SETTINGS } from './testing/decide-by.js';
import { questionOf } from './testing/inputs.js';
import { PolicyCompiler } from './validation/policy-compiler.js';

vi.setConfig({ testTimeout: 60_000 });
/** A thread may take long to start. */
const PATIENT = { timeout: 50_000 };

const SMALL = named(
  'small',
  'permit(principal, action == Mcp::Action::"crm/pay", resource) when { context.args has amount && context.args.amount < 5 };',
);
const LIST = named('list', 'permit(principal, action == Mcp::Action::"crm/list", resource);');
const NO_LIST = named('list', 'permit(principal, action == Mcp::Action::"crm/pay", resource);');
const NUMBER = { amount: { type: 'integer' } };
const OTHER = { total: { type: 'integer' } };
const filesOf = (text: string): PolicyFile[] => [{ file: 'policies/all.cedar', text }];

/** Definitions as the database would have them. */
class Accepted {
  #listener: () => void = () => undefined;

  constructor(private known: KnownDefinitions) {}

  knownAt(): KnownDefinitions {
    return this.known;
  }

  onAccepted(listener: () => void): void {
    this.#listener = listener;
  }

  accept(properties: object): void {
    this.known = definitionsOf({ pay: { ...properties } });
    this.#listener();
  }
}

/** A real compiler whose answers can be held up or refused. */
class Gate {
  readonly #compiler = new PolicyCompiler();
  readonly known = this.#compiler.known.bind(this.#compiler);
  readonly compileNow = vi.fn<PolicyCompiler['compileNow']>(this.#compiler.compileNow.bind(this.#compiler));
  open: Promise<unknown> = Promise.resolve();
  refuses = false;

  readonly compile: PolicyCompiler['compile'] = async (...request) => {
    await this.open;
    if (this.refuses) throw new Error('no thread');
    return this.#compiler.compile(...request);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#compiler.end();
  }
}

function company(gate: Gate, text: string) {
  const config: LoadedConfig = {
    directory: '/nowhere',
    settings: SETTINGS,
    policyFiles: filesOf(text),
    masterKey: Buffer.alloc(32),
    environment: {},
  };
  const catalog = ActiveCatalog.of(config);
  const accepted = new Accepted(definitionsOf({ pay: NUMBER }));
  const service = new PolicyService(config, catalog, NO_FACTS, accepted, undefined, { compiler: gate, again: 20 });
  const ask = (tool: string, args = {}): string => {
    const target = { kind: 'tool' as const, name: tool };
    const { outcome, failed } = service.decide(
      questionOf({ person: { id: 'usr_bob', groups: [] }, server: 'crm', target, args }),
    );
    return failed ? 'failed' : outcome;
  };
  const next = (files: string, number: number) => ({ ...catalog.latest, number, policyFiles: filesOf(files) });
  return { catalog, service, accepted, ask, next };
}

test('a definition that no longer fits is listed and denies its tool alone, and fits again once it is accepted back', async () => {
  await using gate = new Gate();
  const { service, accepted, ask } = company(gate, SMALL + LIST);
  expect([ask('pay', { amount: 3 }), ask('pay', { amount: 7 }), ask('list')]).toEqual(['allow', 'deny', 'allow']);
  accepted.accept(OTHER);
  expect([ask('pay', { amount: 3 }), ask('list')]).toEqual(['deny', 'allow']);
  await expect
    .poll(() => service.problems.map(({ message }) => message), PATIENT)
    .toEqual(['the tool "crm/pay" has no argument "amount"']);
  expect([ask('pay', { amount: 3 }), ask('list')]).toEqual(['deny', 'allow']);
  accepted.accept(NUMBER);
  await expect.poll(() => ask('pay', { amount: 3 }), PATIENT).toBe('allow');
  expect([ask('pay', { amount: 7 }), ask('list'), service.problems]).toEqual(['deny', 'allow', []]);
});

test('while policies are checked anew nobody waits, nothing is compiled here, and the changed tool is denied', async () => {
  await using gate = new Gate();
  const { accepted, ask } = company(gate, SMALL + LIST);
  const before = gate.compileNow.mock.calls.length;
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.open = promise;
  accepted.accept({ amount: { type: 'integer' }, note: { type: 'string' } });
  for (let turn = 0; turn < 20; turn += 1) {
    await nextTurn();
    expect([ask('pay', { amount: 3 }), ask('list')]).toEqual(['deny', 'allow']);
  }
  resolve();
  await expect.poll(() => ask('pay', { amount: 3 }), PATIENT).toBe('allow');
  expect(gate.compileNow.mock.calls.length).toBe(before);
});

test('what could not be checked anew stays denied, is listed, and is tried again by itself', async () => {
  await using gate = new Gate();
  const { service, accepted, ask } = company(gate, SMALL + LIST);
  gate.refuses = true;
  accepted.accept({ amount: { type: 'integer' }, note: { type: 'string' } });
  await expect
    .poll(() => service.problems, PATIENT)
    .toMatchObject([
      {
        message:
          'definitions changed and the policies could not be checked against them, so these tools are denied: crm/pay',
        fix: 'it is tried again by itself; the reason was: no thread',
      },
    ]);
  expect([ask('pay', { amount: 3 }), ask('list')]).toEqual(['deny', 'allow']);
  gate.refuses = false;
  await expect.poll(() => ask('pay', { amount: 3 }), PATIENT).toBe('allow');
  expect(service.problems).toEqual([]);
});

test('a revision under a definition that was accepted after it was foreseen holds nobody up, and denies the tool', async () => {
  await using gate = new Gate();
  const { catalog, accepted, ask, next } = company(gate, LIST);
  const revision = next(SMALL, 2);
  await catalog.foresee(revision);
  const before = gate.compileNow.mock.calls.length;
  accepted.accept({ amount: { type: 'integer' }, note: { type: 'string' } });
  catalog.activate(revision);
  expect([ask('pay', { amount: 3 }), ask('list')]).toEqual(['deny', 'deny']);
  expect(gate.compileNow.mock.calls.length).toBe(before);
  await expect.poll(() => ask('pay', { amount: 3 }), PATIENT).toBe('allow');
});

test('renewals and revisions that race for the spare bank never mix two sets', async () => {
  await using gate = new Gate();
  const { catalog, service, accepted, ask, next } = company(gate, SMALL + LIST);
  const variants = [NUMBER, OTHER, { amount: { type: 'integer' }, note: { type: 'string' } }];
  for (let round = 0; round < 30; round += 1) {
    const open = round % 2 === 0;
    const revision = next(open ? SMALL + LIST : NO_LIST, round + 2);
    const foreseen = catalog.foresee(revision);
    for (let turn = 0; turn < round % 4; turn += 1) await nextTurn();
    accepted.accept(variants[round % 3]!);
    for (let turn = 0; turn < round % 5; turn += 1) await nextTurn();
    if (round % 3 !== 0) await foreseen;
    catalog.activate(revision);
    const [list, pay] = open ? ['allow', 'deny'] : ['deny', 'allow'];
    for (let turn = 0; turn < 5; turn += 1) {
      expect([round, ask('list'), ask('pay', { amount: 7 })]).toEqual([round, list, pay]);
      await nextTurn();
    }
    await foreseen;
    expect([round, ask('list'), ask('pay', { amount: 7 })]).toEqual([round, list, pay]);
  }
  accepted.accept(NUMBER);
  catalog.activate(next(SMALL + LIST, 99));
  await expect.poll(() => ask('pay', { amount: 3 }), PATIENT).toBe('allow');
  expect([ask('list'), service.problems]).toEqual(['allow', []]);
});

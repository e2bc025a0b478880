import { expect, test } from 'vitest';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { settingsSchema, type LoadedConfig } from '../config/settings.js';
import type { GrantUse } from './decision.js';
import { PolicyFacts } from './policy-facts.js';
import { PolicyService } from './policy.service.js';
import { CONTEXT, questionOf } from './testing/inputs.js';

const READ = `@id("sales") @reason("Sales reads.")
permit(principal in Mcp::Group::"okta/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");`;
const HOURS = `@id("hours") @reason("Not at night.")
forbid(principal, action, resource is Mcp::Tool) when { context.session.now > datetime("2026-11-24T18:00:00Z") };`;

class ChangingFacts extends PolicyFacts {
  reviewed = true;
  grant: (GrantUse & { readonly until: number }) | undefined;

  isReviewed(): boolean {
    return this.reviewed;
  }

  grantFor(_person: string, _server: string, _target: unknown, now: number): GrantUse | undefined {
    return this.grant !== undefined && now < this.grant.until ? this.grant : undefined;
  }
}

function company(policies: string) {
  const config: LoadedConfig = {
    directory: '/nowhere',
    settings: settingsSchema.parse({
      publicUrl: 'https://mcp.acme.example',
      identity: {
        providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:IDP_SECRET' } },
      },
      servers: {
        crm: { url: 'https://crm.acme.example/mcp', tools: { get: { effect: 'read' }, put: { effect: 'write' } } },
      },
    }),
    policyFiles: [{ file: 'policies/all.cedar', text: policies }],
    masterKey: Buffer.alloc(32),
    environment: {},
  };
  const [catalog, facts] = [ActiveCatalog.of(config), new ChangingFacts()];
  const service = new PolicyService(config, catalog, facts);
  const ask = (tool: string, { groups = ['okta/sales'], now = CONTEXT.now } = {}) =>
    service.decide(
      questionOf({
        person: { id: 'usr_bob', groups },
        server: 'crm',
        target: { kind: 'tool', name: tool },
        context: { ...CONTEXT, now },
      }),
    );
  // Asked twice each time, so that whatever is remembered is remembered.
  const outcome = (...asked: Parameters<typeof ask>): string => (ask(...asked), ask(...asked).outcome);
  return { catalog, facts, ask, outcome };
}

test('a group that is lost is lost on the next call', () => {
  const { outcome } = company(READ);
  expect(outcome('get')).toBe('allow');
  expect(outcome('get', { groups: [] })).toBe('deny');
  expect(outcome('get')).toBe('allow');
});

test('a grant opens, and closes when it is ended or has expired', () => {
  const { outcome, ask, facts } = company(READ);
  const until = CONTEXT.now + 600_000;
  expect(outcome('put')).toBe('deny');
  facts.grant = { id: 'gra_1', kind: 'grant', until };
  expect(outcome('put')).toBe('allow');
  expect(ask('put').grant).toMatchObject({ id: 'gra_1' });
  expect(outcome('put', { now: until - 1 })).toBe('allow');
  expect(outcome('put', { now: until })).toBe('deny');
  facts.grant = { id: 'gra_2', kind: 'grant', until };
  expect(ask('put').grant).toMatchObject({ id: 'gra_2' });
  facts.grant = undefined;
  expect(outcome('put')).toBe('deny');
});

test('a tool that is held back is denied at once, and permitted at once when it is accepted', () => {
  const { outcome, facts } = company(READ);
  expect(outcome('get')).toBe('allow');
  facts.reviewed = false;
  expect(outcome('get')).toBe('deny');
  facts.reviewed = true;
  expect(outcome('get')).toBe('allow');
});

test('time passes for what was permitted before', () => {
  const { outcome } = company(`${READ}\n${HOURS}`);
  expect(outcome('get')).toBe('allow');
  expect(outcome('get', { now: Date.parse('2026-11-24T18:00:01Z') })).toBe('deny');
  expect(outcome('get')).toBe('allow');
});

test('revisions, effects and a withheld catalog act on the next call', async () => {
  const { outcome, ask, catalog } = company(READ);
  expect(outcome('get')).toBe('allow');
  const number = catalog.latest.number + 1;
  const closed = { ...catalog.latest, number, policyFiles: [{ file: 'policies/all.cedar', text: HOURS }] };
  await catalog.foresee(closed);
  expect(outcome('get')).toBe('allow');
  catalog.activate(closed);
  expect(outcome('get')).toBe('deny');
  const { crm } = catalog.latest.servers;
  const open = { ...catalog.latest, number: number + 1, policyFiles: [{ file: 'policies/all.cedar', text: READ }] };
  catalog.activate(open);
  expect(outcome('get')).toBe('allow');
  catalog.activate({ ...open, number: number + 2, servers: { crm: { ...crm!, tools: { get: { effect: 'write' } } } } });
  expect(outcome('get')).toBe('deny');
  catalog.activate(open);
  expect(outcome('get')).toBe('allow');
  catalog.withhold('a test');
  expect(ask('get')).toMatchObject({ outcome: 'deny', failed: true });
});

test('a revision that was foreseen and not activated changes nothing, and one that is faulty is not foreseen', async () => {
  const { outcome, catalog } = company(READ);
  const next = (text: string) => ({
    ...catalog.latest,
    number: 7,
    policyFiles: [{ file: 'policies/all.cedar', text }],
  });
  await catalog.foresee(next(HOURS));
  await catalog.foresee(next(`${HOURS}\n${READ.replace('"read"', '"write"')}`));
  expect([outcome('get'), outcome('put')]).toEqual(['allow', 'deny']);
  catalog.activate(next(HOURS));
  expect([outcome('get'), outcome('put')]).toEqual(['deny', 'deny']);
  await expect(catalog.foresee(next(READ.replaceAll('crm', 'crmm')))).rejects.toThrow('there is no server "crmm"');
});

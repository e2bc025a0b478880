import { expect, test } from 'vitest';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { settingsSchema, type LoadedConfig } from '../config/settings.js';
import { effectOf } from './effects.js';
import { PolicyService } from './policy.service.js';
import { questionOf } from './testing/inputs.js';

const config = (text: string): LoadedConfig => ({
  directory: '/nowhere',
  settings: settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: {
      providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:IDP_SECRET' } },
    },
    servers: { crm: { url: 'https://crm.acme.example/mcp', tools: { list_customers: { effect: 'read' } } } },
  }),
  policyFiles: [{ file: 'policies/all.cedar', text }],
  masterKey: Buffer.alloc(32),
  environment: {},
});
const serviceOf = (loaded: LoadedConfig) => new PolicyService(loaded, ActiveCatalog.of(loaded));
const READ = `@id("sales") @reason("Sales reads.")
permit(principal in Mcp::Group::"okta/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");`;
const target = (name: string) => ({ kind: 'tool' as const, name });
const bob = { id: 'usr_bob', groups: ['okta/sales'] };

test('decides by the policies of the configuration', () => {
  const service = serviceOf(config(READ));
  expect(service.decide(questionOf({ person: bob, server: 'crm', target: target('list_customers') }))).toEqual({
    outcome: 'allow',
    policies: ['sales'],
    reason: 'Sales reads.',
    revision: service.revision,
    failed: false,
  });
  expect(service.decide(questionOf({ person: bob, server: 'crm', target: target('drop_customers') })).outcome).toBe(
    'deny',
  );
});

test('an effect that nobody set is destroy, whatever the tool is called', () => {
  const { settings } = config(READ);
  expect(effectOf(settings, 'crm', 'list_customers')).toBe('read');
  for (const name of ['other', 'constructor', '__proto__', 'toString']) {
    expect(effectOf(settings, 'crm', name)).toBe('destroy');
    expect(effectOf(settings, name, 'list_customers')).toBe('destroy');
  }
});

test('services of one process don’t decide by each other’s policies', () => {
  const open = serviceOf(config(READ));
  const closed = serviceOf(config(''));
  const input = questionOf({ person: bob, server: 'crm', target: { kind: 'tool', name: 'x', effect: 'read' } });
  expect(open.decide(input).outcome).toBe('allow');
  expect(closed.decide(input).outcome).toBe('deny');
});

test('faulty policies stop the start, each with its place', () => {
  expect(() => serviceOf(config(READ.replaceAll('crm', 'crmm')))).toThrowError(
    expect.objectContaining({
      code: 'config_invalid',
      message:
        'policies/all.cedar:2:90 sales: there is no server "crmm" in the settings → did you mean `crm`? Known are: crm',
    }),
  );
});

test('the next revision decides from its switch on, back and forth, and one that is faulty changes nothing', () => {
  const loaded = config(READ);
  const catalog = ActiveCatalog.of(loaded);
  const service = new PolicyService(loaded, catalog);
  const input = questionOf({ person: bob, server: 'crm', target: { kind: 'tool', name: 'x', effect: 'read' } });
  const activate = (text: string, number: number) =>
    catalog.activate({ ...catalog.latest, number, policyFiles: [{ file: 'policies/all.cedar', text }] });
  for (let number = 1; number < 50; number += 1) {
    activate(number % 2 === 0 ? READ : '', number);
    expect(service.decide(input).outcome).toBe(number % 2 === 0 ? 'allow' : 'deny');
  }
  expect(() => activate(READ.replaceAll('crm', 'crmm'), 50)).toThrowError('there is no server "crmm"');
  expect([service.decide(input).outcome, catalog.current().number]).toEqual(['deny', 49]);
  activate(READ, 51);
  expect(service.decide(input).outcome).toBe('allow');
});

test('effects follow the revision, and while none may be served everything is denied', () => {
  const loaded = config(READ);
  const catalog = ActiveCatalog.of(loaded);
  const service = new PolicyService(loaded, catalog);
  const { servers } = settingsSchema.parse({
    ...loaded.settings,
    servers: { crm: { url: 'https://crm.acme.example/mcp' } },
  });
  catalog.activate({ ...catalog.latest, number: 2, servers });
  const listing = questionOf({ person: bob, server: 'crm', target: { kind: 'tool', name: 'list_customers' } });
  expect(service.decide(listing).outcome).toBe('deny');
  const input = questionOf({ person: bob, server: 'crm', target: { kind: 'tool', name: 'x', effect: 'read' } });
  expect(service.decide(input).outcome).toBe('allow');
  catalog.withhold('a test');
  expect(service.decide(input)).toMatchObject({ outcome: 'deny', failed: true, policies: [] });
});

import { expect, test } from 'vitest';
import { settingsSchema, type LoadedConfig } from '../config/settings.js';
import { PolicyService } from './policy.service.js';

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
const READ = `@id("sales") @reason("Sales reads.")
permit(principal in Mcp::Group::"okta/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");`;
const bob = { id: 'usr_bob', groups: ['okta/sales'] };

test('decides by the policies of the configuration', () => {
  const service = new PolicyService(config(READ));
  const target = (name: string) => ({ kind: 'tool' as const, name, effect: service.effectOf('crm', name) });
  expect(service.decide({ person: bob, server: 'crm', target: target('list_customers') })).toEqual({
    outcome: 'allow',
    policies: ['sales'],
    reason: 'Sales reads.',
    revision: service.revision,
    failed: false,
  });
  expect(service.decide({ person: bob, server: 'crm', target: target('drop_customers') }).outcome).toBe('deny');
});

test('an effect that nobody set is destroy, whatever the tool is called', () => {
  const service = new PolicyService(config(READ));
  expect(service.effectOf('crm', 'list_customers')).toBe('read');
  for (const name of ['other', 'constructor', '__proto__', 'toString']) {
    expect(service.effectOf('crm', name)).toBe('destroy');
    expect(service.effectOf(name, 'list_customers')).toBe('destroy');
  }
});

test('services of one process don’t decide by each other’s policies', () => {
  const open = new PolicyService(config(READ));
  const closed = new PolicyService(config(''));
  const input = { person: bob, server: 'crm', target: { kind: 'tool', name: 'x', effect: 'read' } } as const;
  expect(open.decide(input).outcome).toBe('allow');
  expect(closed.decide(input).outcome).toBe('deny');
});

test('a list is decided entry by entry, and past its bound refused', () => {
  const service = new PolicyService(config(READ));
  const input = { person: bob, server: 'crm', target: { kind: 'tool', name: 'x', effect: 'read' } } as const;
  const denied = { ...input, target: { ...input.target, effect: 'write' } } as const;
  const decisions = service.decideEach([input, denied, ...Array.from({ length: 999 }, () => input)]);
  expect(decisions.map(({ outcome }) => outcome).slice(0, 3)).toEqual(['allow', 'deny', 'allow']);
  expect(decisions[999]?.outcome).toBe('allow');
  expect(decisions[1000]).toMatchObject({ outcome: 'deny', failed: true });
});

test('faulty policies stop the start, each with its place', () => {
  expect(() => new PolicyService(config(READ.replaceAll('crm', 'crmm')))).toThrowError(
    expect.objectContaining({
      code: 'config_invalid',
      message:
        'policies/all.cedar:2:90 sales: there is no server "crmm" in the settings → did you mean `crm`? Known are: crm',
    }),
  );
});

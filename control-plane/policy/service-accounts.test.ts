import { expect, test } from 'vitest';
import { settingsSchema } from '../config/settings.js';
import { compilePolicies } from './compile.js';

const settings = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: {
    providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:IDP_SECRET' } },
    serviceAccounts: { nightly: { groups: ['service/ci'], privateKeyJwt: { publicKey: 'env:KEY' } } },
  },
  servers: { crm: { url: 'https://crm.acme.example/mcp' } },
});

function messagesFor(group: string): string[] {
  const text = `@id("p") @reason("Why.") permit(principal in Mcp::Group::"${group}", action, resource);`;
  return compilePolicies([{ file: 'p.cedar', text }], settings).faults.map(({ message }) => message);
}

test('a policy names a service account, or a group that the settings give to one', () => {
  expect(messagesFor('service/nightly')).toEqual([]);
  expect(messagesFor('service/ci')).toEqual([]);
});

test('a service account that does not exist is a fault', () => {
  expect(messagesFor('service/nihgtly')).toEqual([
    'there is no service account or group "service/nihgtly" in the settings',
  ]);
});

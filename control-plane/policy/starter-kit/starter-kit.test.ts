import { expect, test } from 'vitest';
import { faultText } from '../../config/fault-text.js';
import { settingsSchema, type Settings } from '../../config/settings.js';
import { judgePolicies } from '../judge-policies.js';
import { starterKit } from './starter-kit.js';

const url = 'https://server.acme.example/mcp';
const okta = { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:IDP_SECRET' };
const settingsOf = (more: object, provider: object = okta): Settings =>
  settingsSchema.parse({ publicUrl: 'https://mcp.acme.example', identity: { providers: { okta: provider } }, ...more });

const EFFECTS = { look: { effect: 'read' }, edit: { effect: 'write' }, wipe: { effect: 'destroy' } };
const COMPANY = settingsOf(
  {
    roles: { approver: ['okta/leads'] },
    servers: {
      salesforce: { url, tools: EFFECTS },
      'crm-eu': { url },
      github: { url, tools: EFFECTS },
      erp: { url, tools: EFFECTS },
      wiki: { url },
    },
  },
  { ...okta, managedDevice: { claim: 'device_managed', values: [true] } },
);

test.each<readonly [string, Settings, readonly string[]]>([
  ['a company where everything applies', COMPANY, []],
  [
    'one server of no known kind',
    settingsOf({ servers: { wiki: { url } } }),
    ['sales-crm', 'engineering-deployments', 'finance-step-up', 'managed-devices'],
  ],
  [
    'tools that only read',
    settingsOf({ servers: { crm: { url, tools: { look: { effect: 'read' } } }, pay: { url } } }),
    ['engineering-deployments', 'managed-devices'],
  ],
])('every file of the kit is valid and every test of it passes: %s', async (_what, settings, leftOut) => {
  const kit = starterKit(settings);
  expect(kit.leftOut.map(({ name }) => name)).toEqual(leftOut);
  expect(kit.files).toHaveLength((7 - leftOut.length) * 2);
  const { faults, outcomes } = await judgePolicies(kit.files, settings, settings);
  expect(faults.map(faultText)).toEqual([]);
  expect(outcomes.length).toBeGreaterThanOrEqual(kit.files.length / 2);
  for (const { text } of kit.files.filter(({ file }) => file.endsWith('.cedar'))) {
    expect(text).toMatch(/^\/\/ [^\n]+\n\/\/ [^\n]+\n\n@id/);
  }
});

test('each kit alone is valid and green too', async () => {
  const { files } = starterKit(COMPANY);
  for (const [name, pair] of Map.groupBy(files, ({ file }) => file.split('.')[0])) {
    const { faults } = await judgePolicies(pair, COMPANY, COMPANY);
    expect([name, faults.map(faultText)]).toEqual([name, []]);
  }
});

test('without a server nothing applies, and each says why', () => {
  const { files, leftOut } = starterKit(settingsOf({ servers: {} }));
  expect([files, leftOut.length]).toEqual([[], 7]);
  for (const { why } of leftOut) expect(why).not.toBe('');
});

test('a kit whose policy is weakened is caught by its own tests', async () => {
  const { files } = starterKit(COMPANY);
  const weaker = files.map(({ file, text }) => ({ file, text: text.replace('"900"', '"86400"') }));
  const { faults } = await judgePolicies(weaker, COMPANY, COMPANY);
  expect(faults.map(({ file, message }) => [file, message.split(':')[0]])).toEqual([
    ['policies/finance-step-up.test.yaml', 'expected step-up, got allow by finance-erp'],
  ]);
});

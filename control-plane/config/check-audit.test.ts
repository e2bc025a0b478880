import { expect, test } from 'vitest';
import { auditSettings } from './audit-settings.js';
import { auditFindings } from './check-audit.js';
import { judgeSettings } from './judge-settings.js';
import { keyText } from './key-path.js';

const SOC = { kind: 'webhook', url: 'https://soc.acme.example/audit', secret: 'env:HOOK' };
const VAULT = {
  kind: 'object-storage',
  endpoint: 'https://s3.example',
  region: 'eu-central-1',
  bucket: 'acme-audit',
  accessKeyId: 'env:ID',
  secretAccessKey: 'env:KEY',
};
const ENVIRONMENT = { HOOK: `whsec_${Buffer.alloc(32, 3).toString('base64')}`, ID: 'AKIDEXAMPLE', KEY: 'key' };
const SERVERS = { crm: { tools: { delete_customer: { effect: 'destroy' } } } };

function found(servers: object, source = 'files'): string[] {
  const value = { catalog: { source }, servers: SERVERS, audit: { capture: { servers } } };
  return auditFindings(value).map(({ path, message, fix }) => `${keyText(path)}: ${message} → ${fix}`);
}

test('by default what policies read of arguments is kept, and nothing of results', () => {
  expect(auditSettings.parse(undefined).capture).toEqual({
    arguments: 'policy',
    results: 'none',
    maxBytes: 65_536,
    servers: {},
  });
});

test('a year and a month of calls is kept, three months of lists, and six years of what says who had access', () => {
  expect(auditSettings.parse(undefined).retention).toEqual({
    calls: '400d',
    lists: '90d',
    identity: '2200d',
    administration: '2200d',
  });
  const parsed = auditSettings.parse({});
  expect(auditSettings.parse(parsed)).toEqual(parsed);
  expect(auditSettings.parse({ retention: { calls: 'forever', lists: '1d' } }).retention).toMatchObject({
    calls: 'forever',
    lists: '1d',
  });
});

test('servers and tools that are there may differ', () => {
  expect(found({ crm: { arguments: 'full', tools: { delete_customer: { results: 'redacted' } } } })).toEqual([]);
});

test('a server or tool that is not there is a fault', () => {
  const ofAudit = 'audit.capture.servers';
  expect(found({ crn: {} })).toEqual([`${ofAudit}.crn: there is no server crn → did you mean crm?`]);
  expect(found({ warehouse: { tools: { a: {} } } })).toEqual([
    `${ofAudit}.warehouse: there is no server warehouse → name it under servers too, or remove it here`,
  ]);
  expect(found({ crm: { tools: { delete_costumer: {} } } })).toEqual([
    `${ofAudit}.crm.tools.delete_costumer: crm has no tool delete_costumer → did you mean delete_customer?`,
  ]);
  expect(found({ crm: { tools: { export: {} } } })).toEqual([
    `${ofAudit}.crm.tools.export: crm has no tool export → name it under servers.crm.tools too, or remove it here`,
  ]);
});

test('where servers come by the admin API this file does not know them', () => {
  expect(found({ warehouse: {} }, 'api')).toEqual([]);
});

test.each([
  [{ capture: { arguments: 'all' } }, 'capture.arguments', /^write none, hash, policy, redacted or full/],
  [{ capture: { results: 'policy' } }, 'capture.results', /^write none, hash, redacted or full/],
  [{ capture: { maxBytes: 512 } }, 'capture.maxBytes', /^write a number of bytes from 1024 to 1048576$/],
  [{ retention: { calls: 400 } }, 'retention.calls', /^write a number of days such as 400d/],
  [{ retention: { calls: '13m' } }, 'retention.calls', /^write a number of days such as 400d/],
  [{ retention: { lists: '0d' } }, 'retention.lists', /^write a number of days such as 400d/],
  [{ retention: { identity: 'never' } }, 'retention.identity', /or forever/],
  [{ retention: { call: '400d' } }, 'retention.call', /^did you mean calls\?$/],
  [{ retention: '400d' }, 'retention', /^write how long each kind is kept/],
  [
    { capture: { servers: { crm: { argumets: 'full' } } } },
    'capture.servers.crm.argumets',
    /^did you mean arguments\?$/,
  ],
  [
    { export: { soc: { ...SOC, secret: 'whsec_c2VjcmV0' } } },
    'export.soc.secret',
    /^write env:NAME or file:PATH of whsec_/,
  ],
  [{ export: { soc: { ...SOC, url: 'http://soc.acme.example' } } }, 'export.soc.url', /^write the https address/],
  [{ export: { soc: { ...SOC, format: 'cef' } } }, 'export.soc.format', /^write ndjson/],
  [
    { export: { vault: { ...VAULT, everySeconds: 300 } } },
    'export.vault.everySeconds',
    /^write a number of seconds from 0/,
  ],
  [
    { export: { vault: { ...VAULT, endpoint: 'http://s3.example' } } },
    'export.vault.endpoint',
    /^write the https address/,
  ],
  [
    { checkpoints: { to: { vault: { ...VAULT, lock: { mode: 'legal', days: 1 } } } } },
    'checkpoints.to.vault.lock.mode',
    /^write governance/,
  ],
])('%o is a fault that says what belongs there', async (audit, key, fix) => {
  const around = { value: { servers: SERVERS, audit }, directory: '/nonexistent', environment: ENVIRONMENT };
  const { findings } = await judgeSettings(around);
  const ours = findings.filter(({ path }) => path[0] === 'audit');
  expect(ours).toEqual([expect.objectContaining({ fix: expect.stringMatching(fix) as string })]);
  expect(keyText(ours[0]!.path)).toBe(`audit.${key}`);
});

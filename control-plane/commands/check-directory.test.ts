import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { definitionOf } from '../policy/definitions/definition.js';
import { formatLock } from '../policy/definitions/lock-file.js';
import { checkDirectory } from './check-directory.js';

const ENVIRONMENT = { MASTER_KEY: Buffer.alloc(32, 5).toString('base64'), IDP_SECRET: 's' };
const SETTINGS = `publicUrl: https://mcp.acme.example
trustedProxies: [10.0.0.0/8]
masterKey: env:MASTER_KEY
identity: { providers: { okta: { issuer: https://acme.okta.com, clientId: abc, clientSecret: env:IDP_SECRET } } }
servers: { crm: { url: https://crm.acme.example/mcp } }
`;
const POLICY = `@id("small") @reason("Small sums.")
permit (principal in Mcp::Group::"okta/sales", action == Mcp::Action::"crm/pay", resource)
when { context.args has amount && context.args.amount < 5 };
@id("list") @reason("Lists.") permit (principal in Mcp::Group::"okta/sales", action == Mcp::Action::"crm/list", resource);
`;
const CASES = `- { server: crm, tool: pay, as: { groups: [okta/sales] }, args: { amount: 3 }, expect: allow }
- { server: crm, tool: list, as: { groups: [okta/sales] }, expect: allow }
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-check-'));
  mkdirSync(join(directory, 'policies'));
  const files = { 'mcp-sso.yaml': SETTINGS, 'policies/a.cedar': POLICY, 'policies/a.test.yaml': CASES };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function lock(argument: string): void {
  const inputSchema = { type: 'object', properties: { [argument]: { type: 'integer' } } };
  const { sha256, text } = definitionOf({ name: 'pay', inputSchema });
  const locked = formatLock([{ server: 'crm', tool: 'pay', sha256, text }]);
  writeFileSync(join(directory, 'mcp-sso.lock.yaml'), locked);
}

async function judged(misfits: 'fault' | 'warning') {
  const { faults, warnings } = await checkDirectory(directory, ENVIRONMENT, { misfits });
  return [faults.map(({ message }) => message), warnings];
}

test('what only the database may know is one sentence, and no fault', async () => {
  expect(await judged('fault')).toEqual([
    [],
    [
      'policies/a.cedar:3 small: not checked against the arguments that are read there, and tests of these tools not run, since mcp-sso.lock.yaml does not name the tools; the running control plane knows what was accepted: mcp-sso policy check',
    ],
  ]);
});

test('what the lock file contradicts is a fault of the check, and a warning of a start, which denies the tool', async () => {
  lock('amount');
  expect(await judged('fault')).toEqual([[], []]);
  lock('total');
  expect(await judged('fault')).toEqual([['the tool "crm/pay" has no argument "amount"'], []]);
  expect(await judged('warning')).toEqual([
    [],
    [expect.stringMatching(/^policies\/a\.cedar:3:\d+ small: .*; until then its tool is denied$/)],
  ]);
});

test('a red test of another tool counts whatever does not fit', async () => {
  writeFileSync(join(directory, 'policies/a.test.yaml'), CASES.replaceAll('list,', 'lost,'));
  const [faults] = await judged('warning');
  expect(faults).toEqual([expect.stringMatching(/^expected allow, got deny by no policy/)]);
});

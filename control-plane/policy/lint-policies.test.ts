import { expect, test } from 'vitest';
import { compilePolicies } from './compile.js';
import { judgePolicies } from './judge-policies.js';
import { named, SETTINGS } from './testing/decide-by.js';

const warningsOf = (text: string): string[] => {
  const { faults, warnings } = compilePolicies([{ file: 'policies/all.cedar', text }], SETTINGS);
  expect(faults).toEqual([]);
  return warnings.map(({ line, key, message, fix }) => `${line} ${key}: ${message} → ${fix}`);
};
const SALES = 'principal in Mcp::Group::"okta/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm"';

test('what everybody writes is not warned of', () => {
  const text =
    named('p', `permit(${SALES}) when { context.session.networks.contains("office") };`) +
    named('f', 'forbid(principal, action, resource) when { context.session has claimedClient };');
  expect(warningsOf(text)).toEqual([]);
});

test('a permit that is open to everybody everywhere is named, a forbid is not', () => {
  const OPEN =
    'it permits at every server, also at those that come later: principal, action and resource are all open → name a group, a kind of action or a server in its scope';
  const text =
    named('p', 'permit(principal, action, resource) when { context.session.managedDevice };') +
    named('f', 'forbid(principal, action, resource) unless { context.session.managedDevice };');
  expect(warningsOf(text)).toEqual([`1 p: ${OPEN}`]);
  expect(warningsOf(named('p', 'permit(principal, action in Mcp::Action::"read", resource);'))).toEqual([]);
});

test('a permit that a forbid of the same scope undoes is named, and only where that is certain', () => {
  const permit = named('p', `permit(${SALES});`);
  const shadowed = (forbid: string, annotations = '') => warningsOf(permit + named('f', forbid, annotations));
  expect(shadowed(`forbid(${SALES});`)).toEqual([
    '1 p: it can never apply: "f" forbids the same, without a condition → take one of the two out, or narrow the forbid',
  ]);
  expect(shadowed(`forbid(${SALES}) when { context.session.managedDevice };`)).toEqual([]);
  expect(shadowed(`forbid(${SALES});`, '@step_up_max_age("300")')).toEqual([]);
  expect(shadowed(`forbid(${SALES});`, '@require_approval("okta/leads")')).toEqual([]);
  expect(shadowed(`forbid(${SALES.replace('sales', 'interns')});`)).toEqual([]);
});

test('a permit by what a client says of itself is named', () => {
  const when = 'when { context.session has claimedClient && context.session.claimedClient == "claude" }';
  const warning =
    'it permits by context.session.claimedClient, which every client says of itself as it likes → use context.session.client, the client that the sign-in was given to';
  expect(warningsOf(named('p', `permit(${SALES}) ${when};`))).toEqual([`1 p: ${warning}`]);
  expect(warningsOf(named('f', `forbid(${SALES}) ${when};`))).toEqual([]);
});

test('warnings keep nothing from becoming active, and come with their place', async () => {
  const files = [{ file: 'policies/all.cedar', text: named('p', 'permit(principal, action, resource);') }];
  const { faults, warnings } = await judgePolicies(files, SETTINGS, SETTINGS);
  expect([faults, warnings]).toEqual([[], [expect.stringMatching(/^policies\/all\.cedar:1:1 p: it permits at every/)]]);
});

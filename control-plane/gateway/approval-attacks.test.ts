import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseExactly } from '#shared/mcp/exact-json.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import {
  approvedServer,
  approver,
  APPROVAL_POLICIES,
  APPROVAL_TOOLS,
  callTool,
  heldCall,
} from './testing/approving.js';
import { OpenGateway } from './testing/open-gateway.js';
import type { UpstreamServer } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let upstream: UpstreamServer;
let gateway: OpenGateway;

beforeAll(async () => {
  upstream = await approvedServer();
  const servers = { crm: { url: upstream.url, tools: APPROVAL_TOOLS } };
  gateway = await OpenGateway.open({ policies: APPROVAL_POLICIES, servers });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});
beforeEach(async () => {
  upstream.seen.length = 0;
  await gateway.storage.db.deleteFrom('approvals').execute();
});

const made = () => upstream.calls().filter(({ message }) => message.method === 'tools/call').length;
const lead = () => approver('dora', ['idp/leads']);
const exactly = (text: string) => parseExactly(text) as object;

function activate(policies: string): void {
  const catalog = gateway.app.get(ActiveCatalog, { strict: false });
  catalog.activate({ ...catalog.latest, policyFiles: [{ file: 'policies/test.cedar', text: policies }] });
}

describe('pitfall 27, approvals: an approval of one call', () => {
  test.each([
    ['a changed value', '{"amount":1,"to":"a"}', '{"amount":2,"to":"a"}'],
    ['a value of another type', '{"amount":1,"to":"a"}', '{"amount":"1","to":"a"}'],
    ['one more argument', '{"amount":1}', '{"amount":1,"to":"b"}'],
    ['the last digit of a large number', '{"amount":12345678901234567890}', '{"amount":12345678901234567891}'],
    [
      'an object that spells a number',
      '{"amount":12345678901234567890}',
      '{"amount":{"rawJSON":"12345678901234567890"}}',
    ],
    ['an object that spells a small number', '{"amount":1}', '{"amount":{"rawJSON":"1"}}'],
    ['a number that is spelled otherwise', '{"amount":1}', '{"amount":1.0}'],
    ['a member under a name of the prototype', '{"amount":1}', '{"amount":1,"__proto__":{"to":"b"}}'],
    ['another order in a list', '{"to":["a","b"]}', '{"to":["b","a"]}'],
    ['a letter that looks the same', '{"to":"a"}', '{"to":"\u0430"}'],
  ])('lets no other through: %s', async (_, approved, called) => {
    const { id } = await heldCall(gateway, 'delete', exactly(approved));
    await gateway.desk.decide(id, lead(), 'approve');
    expect((await heldCall(gateway, 'delete', exactly(called))).id).not.toBe(id);
    expect(made()).toBe(0);
    expect((await callTool(gateway, 'delete', exactly(approved))).text).toBe('did delete');
  });

  test('is the same call in another order of keys', async () => {
    const { id } = await heldCall(gateway, 'delete', exactly('{"a":{"y":1.0,"x":2},"b":0}'));
    await gateway.desk.decide(id, lead(), 'approve');
    expect((await callTool(gateway, 'delete', exactly('{"b":0,"a":{"x":2,"y":1.0}}'))).text).toBe('did delete');
  });

  test('opens no other tool, and nothing for another person', async () => {
    const { id, requestState } = await heldCall(gateway, 'delete', { account: 1 });
    await gateway.desk.decide(id, lead(), 'approve');
    expect((await heldCall(gateway, 'ask', { account: 1 })).id).not.toBe(id);
    expect((await callTool(gateway, 'delete', { account: 1 }, {}, 'bob')).text).toContain('Company policy denied');
    expect((await callTool(gateway, 'delete', { account: 1 }, { requestState }, 'bob')).text).toBe(
      'request_state_invalid',
    );
    expect(made()).toBe(0);
  });

  test('does not come with its state to another call, whatever that waits for itself', async () => {
    const approved = await heldCall(gateway, 'delete', { account: 1 });
    const other = await heldCall(gateway, 'delete', { account: 2 });
    await gateway.desk.decide(approved.id, lead(), 'approve');
    const { requestState } = approved;
    expect((await callTool(gateway, 'delete', { account: 2 }, { requestState })).text).toBe('request_state_invalid');
    expect((await callTool(gateway, 'wipe', { account: 1 }, { requestState })).text).toBe('request_state_invalid');
    const changed = other.requestState.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    expect((await callTool(gateway, 'delete', { account: 2 }, { requestState: `A${changed.slice(1)}` })).text).toBe(
      'request_state_invalid',
    );
    expect(made()).toBe(0);
  });

  test('ends with the policies under which it was asked for', async () => {
    const { id, requestState } = await heldCall(gateway, 'delete', { account: 3 });
    await gateway.desk.decide(id, lead(), 'approve');
    activate(APPROVAL_POLICIES.replaceAll('idp/leads', 'idp/heads'));
    try {
      expect((await callTool(gateway, 'delete', { account: 3 }, { requestState })).text).toContain(
        'the policies have changed',
      );
      const anew = await heldCall(gateway, 'delete', { account: 3 });
      expect(anew.id).not.toBe(id);
      await expect(gateway.desk.decide(anew.id, lead(), 'approve')).rejects.toMatchObject({ code: 'not_found' });
      await expect(gateway.desk.decide(id, lead(), 'refuse')).rejects.toMatchObject({ code: 'request_invalid' });
    } finally {
      activate(APPROVAL_POLICIES);
    }
    expect(made()).toBe(0);
  });
});

describe('pitfall 27, approvals: somebody who may not approve', () => {
  const leads = ['idp/leads', 'idp/security'];

  test.each([
    ['the person who asked', approver('alice', leads)],
    ['the same by another sign-in', approver('alice', leads, { session: 'ses_another' })],
    ['their account at another provider', approver('carol', leads)],
  ])('cannot: %s', async (_, { person, ...by }) => {
    const { id } = await heldCall(gateway, 'wipe', { account: 4 });
    const self = { ...by, authTime: Date.now(), person: { ...person, provider: 'other', email: 'Alice@acme.example' } };
    const refused = { code: 'role_missing', message: expect.stringContaining('You asked for this yourself') };
    await expect(gateway.desk.decide(id, self, 'approve')).rejects.toMatchObject(refused);
    expect(await gateway.desk.show(id, self)).toMatchObject({ mine: false });
    expect((await callTool(gateway, 'wipe', { account: 4 })).held?.id).toBe(id);
  });

  test('learns nothing of it without the group, also who was in it a moment ago', async () => {
    const { id } = await heldCall(gateway, 'delete', { account: 5 });
    expect(await gateway.desk.show(id, lead())).toMatchObject({ mine: true });
    for (const groups of [[], ['idp/leads2'], ['IDP/leads'], ['leads'], ['other/leads']]) {
      const by = approver('dora', groups);
      await expect(gateway.desk.show(id, by)).rejects.toMatchObject({ code: 'not_found' });
      await expect(gateway.desk.decide(id, by, 'approve')).rejects.toMatchObject({ code: 'not_found' });
    }
    expect((await callTool(gateway, 'delete', { account: 5 })).held?.id).toBe(id);
  });

  test('cannot with an old sign-in, or when they have left', async () => {
    const { id } = await heldCall(gateway, 'delete', { account: 6 });
    const stale = { code: 'sign_in_stale' };
    for (const authTime of [Date.now() - 601_000, 0]) {
      const by = approver('dora', ['idp/leads'], { authTime });
      await expect(gateway.desk.decide(id, by, 'approve')).rejects.toMatchObject(stale);
    }
    const { db } = gateway.storage;
    const disable = (at: number | null) =>
      db.updateTable('persons').set({ disabled_at: at }).where('id', '=', 'usr_dora').execute();
    await disable(1);
    await expect(gateway.desk.decide(id, lead(), 'approve')).rejects.toMatchObject({ code: 'account_disabled' });
    await disable(null);
    expect((await callTool(gateway, 'delete', { account: 6 })).held?.id).toBe(id);
  });

  test('does not: an app that answers the prompt itself', async () => {
    const { id, requestState } = await heldCall(gateway, 'delete', { account: 7 });
    const yes = { action: 'accept', content: { approved: true, approval: id, approver: 'usr_dora' } };
    const answers = { inputResponses: { approval: yes, [id]: yes } };
    const [first, second] = [
      await callTool(gateway, 'delete', { account: 7 }, answers),
      await callTool(gateway, 'delete', { account: 7, approval: id, approved: true }, answers),
    ];
    expect(first.held?.id).toBe(id);
    expect(second.held?.id).not.toBe(id);
    await gateway.desk.decide(id, lead(), 'refuse', 'No');
    const refused = await callTool(gateway, 'delete', { account: 7 }, { requestState, ...answers });
    expect(refused.text).toContain('refused it: “No”');
    expect(made()).toBe(0);
  });
});

test('pitfall 27, approvals: what was used or refused no longer holds the arguments', async () => {
  const used = await heldCall(gateway, 'delete', { account: 8 });
  await gateway.desk.decide(used.id, lead(), 'approve');
  expect((await gateway.desk.show(used.id, lead())).arguments).toContain('"account": 8');
  expect((await callTool(gateway, 'delete', { account: 8 })).text).toBe('did delete');
  expect(await gateway.desk.show(used.id, lead())).toMatchObject({ state: 'used', arguments: null });
  const refused = await heldCall(gateway, 'delete', { account: 9 });
  expect(await gateway.desk.decide(refused.id, lead(), 'refuse', 'No')).toMatchObject({
    arguments: null,
    refusal: 'No',
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { newGrantId, type Acting, type Grant } from '../policy/grants/grant.js';
import { insertGrant } from '../policy/grants/grant-rows.js';
import { GrantRequests } from '../policy/grants/grant-requests.service.js';
import { GrantsService } from '../policy/grants/grants.service.js';
import { Notifications } from '../storage/notifications/notifications.js';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern } from './testing/mcp-post.js';
import { sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

const POLICIES = `
@id("sales-reads") @reason("Sales reads the CRM.")
permit(principal in Mcp::Group::"idp/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");
@id("no-drop") @reason("Nobody drops the table.")
forbid(principal, action == Mcp::Action::"crm/drop", resource);
@id("never-wipe") @reason("By hand only.") @lock("true")
forbid(principal, action == Mcp::Action::"crm/wipe", resource);
`;
const TOOLS = ['get', 'add', 'drop', 'wipe'];
const BOB = 'usr_bob';

let upstream: UpstreamServer;
let gateway: OpenGateway;

beforeAll(async () => {
  upstream = await UpstreamServer.modern((request, response) => {
    const { method, params } = request.message;
    const tools = TOOLS.map((name) => ({ name, inputSchema: { type: 'object' } }));
    if (method === 'tools/list')
      sendResult(response, request, { resultType: 'complete', tools, ttlMs: 0, cacheScope: 'public' });
    else sendResult(response, request, textResult(`did ${String(params?.['name'])}`));
  });
  const crm = { url: upstream.url, tools: { get: { effect: 'read' }, add: { effect: 'write' } } };
  gateway = await OpenGateway.open({ policies: POLICIES, servers: { crm } });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const acting = (person: string, roles: Acting['roles'] = []): Acting => {
  const record = { subject: person, facts: { person }, personal: {} };
  return { person, roles, groups: ['idp/sales'], inPerson: true, record };
};
const APPROVER = acting('usr_alice', ['approver']);
const grants = (): GrantsService => gateway.app.get(GrantsService, { strict: false });
const requests = (): GrantRequests => gateway.app.get(GrantRequests, { strict: false });
const call = async (name: string, as = 'bob') => {
  const { message } = await postModern(`${gateway.url}/mcp/crm`, 'tools/call', { name }, { as });
  return message.result?.content?.[0]?.text ?? '';
};
const listed = async (as = 'bob') => {
  const { message } = await postModern(`${gateway.url}/mcp/crm`, 'tools/list', {}, { as });
  return (message.result?.['tools'] as { name: string }[] | undefined)?.map(({ name }) => name);
};

test('a denial says how to ask; what was given works and is listed until it ends; calls name the grant', async () => {
  const denial = await call('add');
  const [, reference = ''] = /Reference: ([0-9a-f-]{36})\./.exec(denial) ?? [];
  expect(denial).toContain(
    `To ask for access: mcp-sso grants request ${reference} --reason "…" or open ${gateway.url}/approvals?request=${reference}`,
  );
  expect(await listed()).toEqual(['get']);
  const request = await requests().ask(acting(BOB), { reference, minutes: 10, reason: 'Ticket 4711' });
  const grant = await requests().give(APPROVER, request.id);
  expect(await call('add')).toBe('did add');
  expect(await listed()).toEqual(['get', 'add']);
  expect(await call('add', 'carol')).toContain('No policy permits');
  const rows = await gateway.storage.db.selectFrom('audit_records').select('header').execute();
  const calls = rows
    .map(({ header }) => JSON.parse(header) as { type: string; facts: Record<string, unknown> })
    .filter(({ type, facts }) => type === 'tool.call' && facts['grant'] !== undefined);
  expect(calls).toMatchObject([{ facts: { grant: grant.id, policies: ['grant'], target: 'add', decision: 'allow' } }]);
  await grants().end(APPROVER, grant.id);
  expect(await call('add')).toContain('No policy permits');
  expect(await listed()).toEqual(['get']);
});

test('a grant lifts no forbid, and the denial by one offers none', async () => {
  const grant = await grants().give(APPROVER, BOB, { server: 'crm', tool: undefined, minutes: 5, reason: 'All of it' });
  expect(await call('add')).toBe('did add');
  for (const tool of ['drop', 'wipe']) {
    const denial = await call(tool);
    expect(denial).toContain('Company policy denied this call (policy');
    expect(denial).toContain('give this reference to your mcp-sso administrator');
    const [, reference = ''] = /Reference: ([0-9a-f-]{36})\./.exec(denial) ?? [];
    const asked = requests().ask(acting(BOB), { reference, minutes: 5, reason: 'Please' });
    await expect(asked).rejects.toMatchObject({ code: 'params_invalid' });
  }
  await grants().end(acting(BOB), grant.id);
});

test('break-glass lifts forbids, but for one that is locked', async () => {
  const now = Date.now();
  const taken: Grant = {
    id: newGrantId(),
    kind: 'break-glass',
    person: BOB,
    server: 'crm',
    tool: undefined,
    reason: 'Outage',
    createdBy: BOB,
    createdAt: now,
    expiresAt: now + 60_000,
  };
  const notifications = gateway.app.get(Notifications, { strict: false });
  await notifications.publish({ topic: 'grants', id: BOB }, (db) => insertGrant(db, gateway.storage, taken));
  expect([await call('add'), await call('drop')]).toEqual(['did add', 'did drop']);
  expect(await call('wipe')).toContain('(policy never-wipe): By hand only.');
  await grants().end(acting(BOB), taken.id);
  expect(await call('drop')).toContain('Nobody drops the table.');
});

test('a denied resource is asked for as its server; a server that nobody configured is not to be had', async () => {
  const read = await postModern(`${gateway.url}/mcp/crm`, 'resources/read', { uri: 'crm://1' }, { as: 'bob' });
  const reference = String(read.message.error?.data?.['reference']);
  expect(await requests().targetOf(acting(BOB), reference)).toEqual({ server: 'crm', tool: undefined });
  const unknown = await postModern(`${gateway.url}/mcp/erp`, 'tools/call', { name: 'add' }, { as: 'bob' });
  const none = requests().targetOf(acting(BOB), String(unknown.message.error?.data?.['reference']));
  await expect(none).rejects.toMatchObject({ code: 'params_invalid' });
});

test('an agent gets nothing for the person for whom it acts, whatever that person may give', async () => {
  const agent = { ...APPROVER, inPerson: false };
  const wanted = { server: 'crm', tool: undefined, minutes: 5, reason: 'For my person' };
  await expect(grants().give(agent, BOB, wanted)).rejects.toMatchObject({ code: 'role_missing' });
  await expect(grants().takeBreakGlass(agent, wanted)).rejects.toMatchObject({ code: 'role_missing' });
});

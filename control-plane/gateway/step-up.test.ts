import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { modernHeaders } from '#shared/mcp/headers.js';
import { modernRequest, postModern, postRaw } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

const POLICIES = `
@id("engineering") @reason("Engineering uses the CRM.")
permit(principal in Mcp::Group::"idp/engineering", action, resource in Mcp::Server::"crm");
@id("fresh-to-delete") @reason("Deleting needs the person themselves.")
@step_up_max_age("300") @step_up_acr("phr phrh")
forbid(principal, action == Mcp::Action::"crm/delete", resource);
@id("fresh-to-reset") @reason("Resetting needs the person themselves.")
@step_up_max_age("120")
forbid(principal, action == Mcp::Action::"method/use", resource);
@id("private") @reason("What is private needs the person themselves.")
@step_up_max_age("60")
forbid(principal, action == Mcp::Action::"resource/read", resource) when { resource.uri like "file:///private/*" };
`;
const MINUTE = 60_000;

let upstream: UpstreamServer;
let gateway: OpenGateway;

beforeAll(async () => {
  upstream = await UpstreamServer.modern((request, response) => {
    const { id, method, params } = request.message;
    if (method === 'tools/list') {
      const tools = ['get', 'delete'].map((name) => ({ name, inputSchema: { type: 'object' } }));
      return sendResult(response, request, { resultType: 'complete', tools, ttlMs: 0, cacheScope: 'private' });
    }
    if (method === 'tools/call') return sendResult(response, request, textResult(`did ${String(params?.['name'])}`));
    if (method === 'resources/read')
      return sendResult(response, request, { resultType: 'complete', contents: [], ttlMs: 0, cacheScope: 'private' });
    return sendJson(response, 404, { jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } });
  });
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: {
      crm: { url: upstream.url, tools: { get: { effect: 'read' }, delete: { effect: 'destroy' } } },
    },
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});
beforeEach(() => {
  gateway.identity.signIn = {};
  gateway.identity.renewed.clear();
  upstream.seen.length = 0;
});

const callTool = (name: string) => postModern(`${gateway.url}/mcp/crm`, 'tools/call', { name });
const read = (uri: string) => postModern(`${gateway.url}/mcp/crm`, 'resources/read', { uri });
const calls = () => upstream.calls().map(({ message }) => message.method);

test('a call on an old sign-in is challenged, nothing leaves, and the audit says why', async () => {
  gateway.identity.signIn = { authTime: Date.now() - 6 * MINUTE, acr: 'phr' };
  const { status, headers, message } = await callTool('delete');
  expect(status).toBe(401);
  expect(message.error).toMatchObject({
    code: -31017,
    data: { code: 'step_up_needed', reference: expect.any(String) },
    message: expect.stringContaining(
      'This call needs a sign-in from the last 5 minutes of the kind phr or phrh (acr). ' +
        'Company policy (policy fresh-to-delete): Deleting needs the person themselves.',
    ),
  });
  const challenge = headers.get('www-authenticate');
  expect(challenge).toContain('Bearer error="insufficient_user_authentication"');
  expect(challenge).toContain('max_age="300", acr_values="phr phrh"');
  expect(calls()).toEqual([]);
  expect((await gateway.records()).at(-1)).toBe('tool.call event crm delete deny step_up_needed');
});

test.each([
  ['too old', { authTime: Date.now() - 6 * MINUTE, acr: 'phr' }],
  ['without a time', { authTime: 0, acr: 'phr' }],
  ['of another kind', { authTime: Date.now(), acr: 'pwd' }],
  ['of no kind', { authTime: Date.now(), acr: null }],
  ['whose amr only looks like the kind', { authTime: Date.now(), acr: null, amr: ['phr'] }],
])('a sign-in %s does not do', async (_, signIn) => {
  gateway.identity.signIn = signIn;
  expect((await callTool('delete')).status).toBe(401);
});

test('a sign-in that does lets the call through', async () => {
  gateway.identity.signIn = { authTime: Date.now() - 4 * MINUTE, acr: 'phrh' };
  expect((await callTool('delete')).message.result).toMatchObject({ content: [{ text: 'did delete' }] });
});

test('what demands nothing needs nothing, and lists show what would need another sign-in', async () => {
  gateway.identity.signIn = { authTime: 0 };
  expect((await callTool('get')).message.result).toMatchObject({ content: [{ text: 'did get' }] });
  const { message } = await postModern(`${gateway.url}/mcp/crm`, 'tools/list', {});
  expect(message.result).toMatchObject({ tools: [{ name: 'get' }, { name: 'delete' }] });
});

test('what was confirmed at another replica a moment ago counts', async () => {
  gateway.identity.signIn = { authTime: Date.now() - 6 * MINUTE, acr: 'phr' };
  const nothing = { method: 'POST', url: '', dpop: [], audiences: [] };
  const { session } = gateway.identity.callerOf({ ...nothing, authorization: ['Bearer alice'] });
  gateway.identity.renewed.set(session.id, { ...session, authTime: Date.now() });
  expect((await callTool('delete')).status).toBe(200);
});

test('a resource is held to the demands of each way to read its URI', async () => {
  gateway.identity.signIn = { authTime: Date.now() - 2 * MINUTE };
  expect((await read('file:///public/a')).status).toBe(200);
  expect((await read('file:///private/a')).status).toBe(401);
  expect((await read('file:///public/../private/a')).status).toBe(401);
});

test('a notification that needs another sign-in does not leave', async () => {
  gateway.identity.signIn = { authTime: Date.now() - 3 * MINUTE };
  const { id: _id, ...notice } = modernRequest('notifications/x/reset');
  const headers = { ...modernHeaders(notice), authorization: 'Bearer alice' };
  const { status, message } = await postRaw(`${gateway.url}/mcp/crm`, JSON.stringify(notice), headers);
  expect([status, message.error?.data?.['code']]).toEqual([401, 'step_up_needed']);
  expect(upstream.seen).toEqual([]);
});

import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { settingsSchema } from '../config/settings.js';
import { LegacyClient, readMessages } from './testing/legacy-client.js';
import { postModern, sendModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, sendResult, UpstreamServer, type SeenRequest } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const PATIENT = { timeout: 10_000 };
const ALL = '@id("all") @reason("All may.") permit(principal, action, resource);';
const NO_SECRETS = `${ALL}
@id("no-b") @reason("Nobody reads b.")
forbid(principal, action == Mcp::Action::"resource/read", resource) when { resource.uri == "b" };`;
const NOT_ALICE = `${ALL}
@id("no-alice") @reason("Alice has left the project.") forbid(principal == Mcp::User::"usr_alice", action, resource);`;
const TOOLS = { resultType: 'complete', tools: [{ name: 'get', inputSchema: { type: 'object' } }] };
const LISTS = ['tools', 'prompts', 'resources'].map((list) => `notifications/${list}/list_changed`);

/** A modern server that listens, and a legacy one whose tool asks its caller, in one. */
class Peer {
  readonly streams: ServerResponse[] = [];
  readonly filters: unknown[] = [];
  readonly credentials = new Set<unknown>();

  readonly modern = (request: SeenRequest, response: ServerResponse): void => {
    this.credentials.add(request.headers.authorization);
    const { method, params } = request.message;
    if (method !== 'subscriptions/listen') return sendResult(response, request, TOOLS);
    this.filters.push(params?.['notifications']);
    this.#stream(response);
  };

  readonly legacy = (request: SeenRequest, response: ServerResponse): void => {
    const { method, id } = request.message;
    if (method === 'initialize') {
      const capabilities = { tools: {}, resources: { subscribe: true } };
      const result = { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'o', version: '1' } };
      sendJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': 's1' });
    } else if (request.httpMethod === 'GET') this.#stream(response);
    else if (method === 'server/discover' || request.httpMethod === 'DELETE') response.writeHead(404).end();
    else if (method === undefined || id === undefined) response.writeHead(202).end();
    else if (method === 'tools/call') {
      this.#stream(response);
      const question = { method: 'elicitation/create', params: { message: 'Sure?', requestedSchema: {} } };
      response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: 'q', ...question })}\n\n`);
    } else sendResult(response, request, method === 'tools/list' ? { tools: TOOLS.tools } : {});
  };

  say(message: object): void {
    for (const stream of this.open()) stream.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
  }

  open(): ServerResponse[] {
    return this.streams.filter((stream) => !stream.destroyed);
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    this.streams.push(response);
  }
}

type Heard = { readonly method?: string; readonly error?: unknown; readonly params?: { readonly uri?: string } }[];

let peers: Record<'one' | 'two' | 'old', Peer>;
let upstreams: UpstreamServer[];
let gateway: OpenGateway;
let catalog: ActiveCatalog;
let everyone: Record<string, object>;
let stops: AbortController[];
let number = 0;

beforeEach(async () => {
  stops = [];
  peers = { one: new Peer(), two: new Peer(), old: new Peer() };
  upstreams = [
    await UpstreamServer.modern(peers.one.modern),
    await UpstreamServer.modern(peers.two.modern),
    await UpstreamServer.open(peers.old.legacy),
  ];
  const [one, two, old] = upstreams.map(({ url }) => url);
  everyone = { one: secured(one!, 'env:ONE'), two: secured(two!, 'env:TWO'), old: { url: old } };
  gateway = await OpenGateway.open({
    policies: ALL,
    servers: everyone,
    environment: { ONE: 'secret-of-one', TWO: 'secret-of-two' },
  });
  catalog = gateway.app.get(ActiveCatalog, { strict: false });
});

afterEach(async () => {
  for (const stop of stops) stop.abort();
  await gateway[Symbol.asyncDispose]();
  for (const upstream of upstreams) await upstream[Symbol.asyncDispose]();
});

function secured(url: string, secret: string): object {
  return { url, credential: { kind: 'bearer', secret } };
}

function activate(servers: Record<string, object>, policies = ALL): void {
  const settings = settingsSchema.parse({ publicUrl: 'http://127.0.0.1', identity: { providers: {} }, servers });
  number += 1;
  const policyFiles = [{ file: 'policies/test.cedar', text: policies }];
  catalog.activate({ ...catalog.latest, number, servers: settings.servers, policyFiles });
}

/** A modern client's stream, once it is acknowledged. */
async function listen(path: string, uris: string[] = [], as = 'alice'): Promise<Heard> {
  const notifications = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: uris };
  const stop = new AbortController();
  stops.push(stop);
  const heard: Heard = [];
  const options = { as, signal: stop.signal };
  const response = await sendModern(`${gateway.url}${path}`, 'subscriptions/listen', { notifications }, options);
  readMessages(response, (message) => heard.push(message)).catch(() => undefined);
  await expect.poll(() => heard.length, PATIENT).toBe(1);
  return heard;
}

const methods = (heard: Heard) => heard.map(({ method }) => method);
const updates = (heard: Heard) => heard.flatMap(({ params }) => params?.uri ?? []);
const update = (uri: string) => ({ method: 'notifications/resources/updated', params: { uri } });

test('a revision reaches the clients of both eras as changed lists; the streams of unchanged servers go on', async () => {
  const modern = await listen('/mcp');
  const old: Heard = [];
  const client = await LegacyClient.open(`${gateway.url}/mcp`);
  stops.push(await client.listen((message) => old.push(message)));
  await expect.poll(() => [peers.one, peers.old].map(({ streams }) => streams.length), PATIENT).toEqual([2, 2]);
  activate(everyone, NO_SECRETS);
  await expect.poll(() => methods(modern).slice(1), PATIENT).toEqual(LISTS.slice(0, 2));
  await expect.poll(() => methods(old), PATIENT).toEqual(LISTS);
  peers.one.say({ method: LISTS[0] });
  await expect.poll(() => methods(modern).slice(3), PATIENT).toEqual([LISTS[0]]);
  expect(peers.one.streams).toHaveLength(2);
});

test('what a policy no longer permits is not heard from that moment on; the server is told, and the denial is on record', async () => {
  const heard = await listen('/mcp/one', ['a', 'b']);
  await expect.poll(() => peers.one.open().length, PATIENT).toBe(1);
  peers.one.say(update('b'));
  await expect.poll(() => updates(heard), PATIENT).toEqual(['b']);
  activate(everyone, NO_SECRETS);
  peers.one.say(update('b'));
  peers.one.say(update('a'));
  await expect.poll(() => updates(heard), PATIENT).toContain('a');
  await expect
    .poll(() => peers.one.filters.at(-1), PATIENT)
    .toEqual({ toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['a'] });
  await expect.poll(() => peers.one.open().length, PATIENT).toBe(1);
  expect(updates(heard).filter((uri) => uri === 'b')).toHaveLength(1);
  expect((await gateway.records()).filter((record) => record.includes(' b '))).toEqual([
    'resource.read event one b allow',
    'resource.read event one b deny',
  ]);
});

test('whoever may use nothing of a server any more hears nothing of it any more; others do', async () => {
  const [alice, bob] = [await listen('/mcp/one'), await listen('/mcp/one', [], 'bob')];
  await expect.poll(() => peers.one.open().length, PATIENT).toBe(2);
  activate(everyone, NOT_ALICE);
  await expect.poll(() => alice.at(-1)?.error, PATIENT).toMatchObject({ data: { code: 'server_unknown' } });
  await expect.poll(() => peers.one.open().length, PATIENT).toBe(1);
  const before = alice.length;
  peers.one.say({ method: LISTS[0] });
  await expect.poll(() => methods(bob).filter((method) => method === LISTS[0]).length, PATIENT).toBe(2);
  expect(alice).toHaveLength(before);
});

test('streams of a removed server end, and a server that came is heard', async () => {
  activate({ one: everyone['one']!, old: everyone['old']! });
  const [all, one, old] = [await listen('/mcp'), await listen('/mcp/one'), await listen('/mcp/old')];
  await expect.poll(() => [peers.one, peers.old].map((peer) => peer.open().length), PATIENT).toEqual([2, 1]);
  activate({ two: everyone['two']! });
  for (const heard of [one, old]) {
    await expect.poll(() => heard.at(-1)?.error, PATIENT).toMatchObject({ data: { code: 'server_unknown' } });
  }
  await expect.poll(() => [peers.one, peers.old].map((peer) => peer.open().length), PATIENT).toEqual([0, 0]);
  await expect.poll(() => peers.two.open().length, PATIENT).toBe(1);
  const before = all.length;
  peers.two.say({ method: LISTS[0] });
  await expect.poll(() => methods(all).slice(before), PATIENT).toEqual([LISTS[0]]);
});

test('a server that moved is heard at its new place, with the credential of that place alone', async () => {
  const heard = await listen('/mcp/one');
  await expect.poll(() => peers.one.open().length, PATIENT).toBe(1);
  activate({ ...everyone, one: everyone['two']!, two: everyone['one']! });
  await expect.poll(() => peers.two.open().length, PATIENT).toBe(1);
  await expect.poll(() => peers.one.open().length, PATIENT).toBe(0);
  const before = heard.length;
  peers.two.say({ method: LISTS[0] });
  await expect.poll(() => methods(heard).slice(before), PATIENT).toEqual([LISTS[0]]);
  expect([...peers.one.credentials]).toEqual(['Bearer secret-of-one']);
  expect([...peers.two.credentials]).toEqual(['Bearer secret-of-two']);
});

test('while nothing may be served, nothing is heard', async () => {
  const heard = await listen('/mcp/one');
  await expect.poll(() => peers.one.open().length, PATIENT).toBe(1);
  catalog.withhold('a test');
  peers.one.say({ method: LISTS[0] });
  await expect.poll(() => heard.at(-1)?.error, PATIENT).toMatchObject({ data: { code: 'policy_failed' } });
  expect(heard).toHaveLength(2);
});

test('what a session subscribed to before a policy was changed is judged anew when its stream opens', async () => {
  const client = await LegacyClient.open(`${gateway.url}/mcp/old`);
  for (const uri of ['a', 'b'])
    expect((await client.ask('resources/subscribe', { uri })).at(-1)?.error).toBe(undefined);
  activate(everyone, NO_SECRETS);
  const heard: Heard = [];
  stops.push(await client.listen((message) => heard.push(message)));
  await expect.poll(() => peers.old.open().length, PATIENT).toBe(1);
  peers.old.say(update('b'));
  peers.old.say(update('a'));
  await expect.poll(() => updates(heard), PATIENT).toEqual(['a']);
});

const question = (params: object = {}) => {
  const meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
  return postModern(`${gateway.url}/mcp/old`, 'tools/call', { name: 'ask', _meta: meta, ...params });
};

test.each<[string, () => void]>([
  ['its server', () => activate({ ...everyone, old: { ...everyone['old'], title: 'Another' } })],
  ['a policy', () => activate(everyone, NO_SECRETS)],
])('a parked call ends when %s changes, and is never made again', async (_what, change) => {
  const { requestState } = (await question()).message.result ?? {};
  expect(peers.old.open()).toHaveLength(1);
  change();
  await expect.poll(() => peers.old.open(), PATIENT).toEqual([]);
  const retry = await question({ requestState, inputResponses: { question: { action: 'accept' } } });
  expect([retry.status, retry.message.error]).toMatchObject([200, { data: { code: 'outcome_unknown' } }]);
  expect(retry.message.error?.message).toContain('It is not known whether it took effect.');
  expect(upstreams[2]!.seen.filter(({ message }) => message.method === 'tools/call')).toHaveLength(1);
});

test('a parked call goes on where only another server changed', async () => {
  const { requestState } = (await question()).message.result ?? {};
  activate({ one: everyone['one']!, old: everyone['old']! });
  const retry = question({ requestState, inputResponses: { question: { action: 'accept' } } });
  await expect
    .poll(() => upstreams[2]!.seen.map(({ message }) => message['result']), PATIENT)
    .toContainEqual({
      action: 'accept',
    });
  const { id } = upstreams[2]!.seen.find(({ message }) => message.method === 'tools/call')!.message;
  peers.old.say({ id, result: { content: [{ type: 'text', text: 'done' }] } });
  expect((await retry).message.result?.content?.[0]?.text).toBe('done');
});

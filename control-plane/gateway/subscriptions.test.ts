import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { processEnvironment } from '../config/process-environment.js';
import { LegacyClient, readMessages } from './testing/legacy-client.js';
import { sendModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, sendResult, UpstreamServer, type SeenRequest } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const PATIENT = { timeout: 10_000 };

const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';
const POLICIES = `
@id("tools") @reason("All may.")
permit(principal, action in Mcp::Action::"call", resource);
@id("open-files") @reason("Open to all.")
permit(principal, action == Mcp::Action::"resource/read", resource) when { resource.uri like "open:*" };
`;
const TOOLS = { tools: [{ name: 'get', inputSchema: { type: 'object' } }] };
const HOSTED = join(import.meta.dirname, '..', '..', 'test', 'support', 'hosted-server.mjs');

type Say = (message: object) => void;

/** A server whose streams the test can speak on: GET for legacy, `subscriptions/listen` for modern. */
class SpeakingServer {
  readonly streams: ServerResponse[] = [];
  readonly subscribed: unknown[] = [];
  sessions = 0;

  readonly legacy = (request: SeenRequest, response: ServerResponse): void => {
    const { method, id, params } = request.message;
    if (request.httpMethod === 'GET') this.#stream(response);
    else if (method === 'initialize') {
      const capabilities = { tools: {}, resources: { subscribe: true } };
      const result = { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'o', version: '1' } };
      sendJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': `s${(this.sessions += 1)}` });
    } else if (method === 'server/discover') response.writeHead(404).end();
    else if (id === undefined || method === undefined) response.writeHead(202).end();
    else {
      if (method.startsWith('resources/')) this.subscribed.push([method, params?.['uri']]);
      sendResult(response, request, method === 'tools/list' ? TOOLS : {});
    }
  };

  readonly modern = (request: SeenRequest, response: ServerResponse): void => {
    const { method, params } = request.message;
    if (method === 'subscriptions/listen') {
      this.subscribed.push(params?.['notifications']);
      this.#stream(response);
    } else sendResult(response, request, { resultType: 'complete', ...TOOLS });
  };

  /** Says it on every open stream. */
  readonly say: Say = (message) => {
    for (const stream of this.streams) {
      if (!stream.destroyed) stream.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
    }
  };

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    this.streams.push(response);
  }
}

const servers = { old: new SpeakingServer(), new: new SpeakingServer() };
let upstreams: UpstreamServer[];
let gateway: OpenGateway;
const stops: (() => void)[] = [];

beforeEach(async () => {
  servers.old = new SpeakingServer();
  servers.new = new SpeakingServer();
  const old = await UpstreamServer.open(servers.old.legacy);
  const modern = await UpstreamServer.modern(servers.new.modern);
  upstreams = [old, modern];
  gateway = await OpenGateway.open({
    policies: POLICIES,
    environment: { PATH: processEnvironment()['PATH'] ?? '' },
    servers: {
      old: { url: old.url },
      new: { url: modern.url },
      hosted: { command: [process.execPath, HOSTED, 'legacy'], isolation: 'none', network: 'host' },
    },
  });
});

afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await gateway[Symbol.asyncDispose]();
  for (const upstream of upstreams) await upstream[Symbol.asyncDispose]();
});

type Heard = Record<string, unknown>[];

async function listen(
  path: string,
  notifications: object,
  id: string | number = 'sub-1',
  as = 'alice',
): Promise<Heard> {
  const stop = new AbortController();
  stops.push(() => stop.abort());
  const heard: Heard = [];
  const url = `${gateway.url}${path}`;
  const response = await sendModern(url, 'subscriptions/listen', { notifications }, { id, as, signal: stop.signal });
  readMessages(response, (message) => heard.push(message)).catch(() => undefined);
  await expect.poll(() => heard.length, PATIENT).toBeGreaterThan(0);
  return heard;
}

const CHANGED = { method: 'notifications/tools/list_changed' };
const updated = (uri: string) => ({ method: 'notifications/resources/updated', params: { uri, x: 1 } });

test.each(['old', 'new'] as const)(
  'a modern client hears of the %s server what it asked for and may read, first what that is',
  async (server) => {
    const wanted = { toolsListChanged: true, resourceSubscriptions: ['open:a', 'secret:b'] };
    const heard = await listen(`/mcp/${server}`, wanted);
    expect(heard[0]).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: {
        notifications: { toolsListChanged: true, resourceSubscriptions: ['open:a'] },
        _meta: { [SUBSCRIPTION]: 'sub-1' },
      },
    });
    await expect.poll(() => servers[server].streams.length, PATIENT).toBe(1);
    for (const message of [
      updated('secret:b'),
      { method: 'notifications/prompts/list_changed' },
      CHANGED,
      updated('open:a'),
    ]) {
      servers[server].say(message);
    }
    await expect
      .poll(() => heard.slice(1), PATIENT)
      .toEqual([
        { jsonrpc: '2.0', ...CHANGED, params: { _meta: { [SUBSCRIPTION]: 'sub-1' } } },
        {
          jsonrpc: '2.0',
          method: 'notifications/resources/updated',
          params: { uri: 'open:a', x: 1, _meta: { [SUBSCRIPTION]: 'sub-1' } },
        },
      ]);
    expect(servers[server].subscribed).toEqual(
      server === 'old'
        ? [['resources/subscribe', 'open:a']]
        : [{ toolsListChanged: true, resourceSubscriptions: ['open:a'] }],
    );
    expect(await gateway.records()).toContain(`resource.read event ${server} secret:b deny`);
  },
);

test.each(['old', 'new'] as const)(
  'a legacy client hears the %s server on the stream of its session',
  async (server) => {
    const client = await LegacyClient.open(`${gateway.url}/mcp/${server}`);
    const heard: Heard = [];
    stops.push(await client.listen((message) => heard.push(message)).then((stop) => () => stop.abort()));
    expect(await client.ask('resources/subscribe', { uri: 'open:a' })).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
    const denied = await client.ask('resources/subscribe', { uri: 'secret:b' });
    expect(denied).toMatchObject([{ error: { data: { code: 'policy_denied' } } }]);
    await expect.poll(() => JSON.stringify(servers[server].subscribed), PATIENT).toContain('open:a');
    servers[server].say(CHANGED);
    servers[server].say(updated('open:a'));
    await expect.poll(() => heard, PATIENT).toContainEqual({ jsonrpc: '2.0', ...updated('open:a') });
    expect(heard).toContainEqual({ jsonrpc: '2.0', ...CHANGED });
    expect(JSON.stringify(servers[server].subscribed)).not.toContain('secret:b');
  },
);

test('at /mcp the URIs of a subscription name their server, in both directions', async () => {
  const heard = await listen('/mcp', { resourceSubscriptions: ['mcp.old+open:a', 'mcp.new+open:b'] });
  expect(heard[0]).toMatchObject({
    params: { notifications: { resourceSubscriptions: ['mcp.old+open:a', 'mcp.new+open:b'] } },
  });
  await expect.poll(() => servers.old.subscribed, PATIENT).toEqual([['resources/subscribe', 'open:a']]);
  servers.old.say(updated('open:a'));
  servers.new.say(updated('open:b'));
  await expect
    .poll(
      () =>
        heard
          .slice(1)
          .map(({ params }) => (params as { uri: string }).uri)
          .toSorted(),
      PATIENT,
    )
    .toEqual(['mcp.new+open:b', 'mcp.old+open:a']);
});

test('a subscription ends with its sign-in, and nobody else’s does', async () => {
  const alice = await listen('/mcp/new', { toolsListChanged: true });
  const bob = await listen('/mcp/new', { toolsListChanged: true }, 'b', 'bob');
  await expect.poll(() => servers.new.streams.length, PATIENT).toBe(2);
  gateway.identity.end('ses_alice');
  await expect
    .poll(() => alice.at(-1), PATIENT)
    .toMatchObject({ id: 'sub-1', error: { data: { code: 'session_ended' } } });
  await expect.poll(() => servers.new.streams.filter((stream) => stream.destroyed).length, PATIENT).toBe(1);
  servers.new.say(CHANGED);
  await expect.poll(() => bob.at(-1), PATIENT).toMatchObject(CHANGED);
  expect(alice).toHaveLength(2);
});

test('what a legacy server says in one session reaches no other', async () => {
  const [alice, bob] = await Promise.all([
    listen('/mcp/old', { toolsListChanged: true }),
    listen('/mcp/old', { toolsListChanged: true }, 'b', 'bob'),
  ]);
  await expect.poll(() => servers.old.streams.length, PATIENT).toBe(2);
  servers.old.streams[0]!.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...CHANGED })}\n\n`);
  await expect.poll(() => alice.length + bob.length, PATIENT).toBe(3);
});

test('a stream that the server ends is opened again, and the client is told that lists may have changed', async () => {
  const heard = await listen('/mcp/new', { toolsListChanged: true });
  await expect.poll(() => servers.new.streams.length, PATIENT).toBe(1);
  servers.new.streams[0]!.end();
  await expect.poll(() => servers.new.streams.length, PATIENT).toBe(2);
  await expect.poll(() => heard.at(-1), PATIENT).toMatchObject(CHANGED);
});

const send = async (path: string, params: object): Promise<unknown> =>
  (await sendModern(`${gateway.url}${path}`, 'subscriptions/listen', { ...params })).json();

test('a filter that is none, and a server of which nothing may be used, are refused', async () => {
  expect(await send('/mcp/old', {})).toMatchObject({ error: { code: -32602 } });
  expect(await send('/mcp/old', { notifications: { resourceSubscriptions: [1] } })).toMatchObject({
    error: { code: -32602 },
  });
  expect(await send('/mcp/none', { notifications: {} })).toMatchObject({ error: { data: { code: 'server_unknown' } } });
});

/** What clients answered to the legacy server's requests. */
const answers = () =>
  upstreams[0]!.seen.map(({ message }) => message).filter(({ id, method }) => id !== undefined && method === undefined);

test('a request of a legacy server outside of calls is put to the legacy client whose session it is', async () => {
  const client = await LegacyClient.open(`${gateway.url}/mcp/old`, { capabilities: { roots: {} } });
  const heard: Heard = [];
  stops.push(await client.listen((message) => heard.push(message)).then((stop) => () => stop.abort()));
  await expect.poll(() => servers.old.streams.length, PATIENT).toBe(1);
  servers.old.say({ id: 'r1', method: 'roots/list' });
  servers.old.say({ id: 'r2', method: 'sampling/createMessage' });
  await expect.poll(() => heard.length, PATIENT).toBe(1);
  await client.post({ id: heard[0]!['id'], result: { roots: [] } });
  await expect
    .poll(
      () =>
        answers()
          .map(({ id }) => String(id))
          .toSorted((a, b) => a.localeCompare(b)),
      PATIENT,
    )
    .toEqual(['r1', 'r2']);
  expect(answers().find(({ id }) => id === 'r1')).toMatchObject({ result: { roots: [] } });
  expect(answers().find(({ id }) => id === 'r2')).toMatchObject({ error: { code: -32601 } });
});

test('DELETE ends the session of a legacy client: its id, its stream, and its session at the server', async () => {
  const client = await LegacyClient.open(`${gateway.url}/mcp/old`);
  const over = Promise.withResolvers<void>();
  await client.listen(() => undefined).then(({ signal }) => signal.addEventListener('abort', () => over.resolve()));
  expect(await client.end()).toBe(200);
  expect((await client.post({ id: 1, method: 'ping' })).status).toBe(404);
  await expect.poll(() => upstreams[0]!.seen.some(({ httpMethod }) => httpMethod === 'DELETE'), PATIENT).toBe(true);
});

import type { ServerResponse } from 'node:http';
import { beforeEach, expect, test, vi } from 'vitest';
import { LegacyClient } from './testing/legacy-client.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, sendResult, UpstreamServer, type SeenRequest } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const PATIENT = { timeout: 10_000 };
const POLICIES = '@id("all") @reason("All may.") permit(principal, action, resource);';
const CAPABILITIES = { tools: {}, logging: {}, resources: { subscribe: true } };
const RESULTS: Readonly<Record<string, object>> = {
  'tools/call': { content: [] },
  'tools/list': { tools: [{ name: 'get', inputSchema: { type: 'object' } }] },
};
const UPDATED = { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'open:a' } };

/** A server of 2025-11-25 that can be made to forget its sessions, as by a restart. */
class ForgetfulServer {
  readonly streams = new Map<string, ServerResponse>();
  /** HTTP status for a session that it does not know. */
  unknown = 404;
  hasStreams = true;
  #known = '';
  #sessions = 0;

  readonly handle = (request: SeenRequest, response: ServerResponse): void => {
    const { method, id } = request.message;
    const session = String(request.headers['mcp-session-id']);
    if (method === 'initialize') {
      this.#known = `s${(this.#sessions += 1)}`;
      const serverInfo = { name: 'old', version: '1' };
      const result = { protocolVersion: '2025-11-25', capabilities: CAPABILITIES, serverInfo };
      sendJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': this.#known });
    } else if (method === 'server/discover') response.writeHead(404).end();
    else if (session !== this.#known) response.writeHead(this.unknown).end();
    else if (request.httpMethod === 'GET' && !this.hasStreams) response.writeHead(404).end();
    else if (request.httpMethod === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      this.streams.set(session, response);
    } else if (id === undefined || method === undefined) response.writeHead(202).end();
    else sendResult(response, request, RESULTS[method] ?? {});
  };

  forget(): void {
    this.#known = '';
  }
}

let old: ForgetfulServer;
let upstream: UpstreamServer;
let gateway: OpenGateway;
let client: LegacyClient;
let heard: object[];

beforeEach(async () => {
  old = new ForgetfulServer();
  upstream = await UpstreamServer.open(old.handle);
  gateway = await OpenGateway.open({ policies: POLICIES, servers: { old: { url: upstream.url } } });
  client = await LegacyClient.open(`${gateway.url}/mcp/old`);
  heard = [];
  await client.ask('logging/setLevel', { level: 'debug' });
  await client.ask('resources/subscribe', { uri: 'open:a' });
  await client.listen((message) => heard.push(message));
  return async () => {
    await client.end();
    await gateway[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  };
});

/** What the server was asked in a session, in order. */
const askedIn = (session: string): unknown[] =>
  upstream.seen
    .filter(({ headers, message }) => headers['mcp-session-id'] === session && message.id !== undefined)
    .map(({ message }) => message.method);

async function hearsIn(session: string): Promise<void> {
  await expect.poll(() => old.streams.has(session), PATIENT).toBe(true);
  await expect.poll(() => askedIn(session), PATIENT).toContain('resources/subscribe');
  old.streams.get(session)!.write(`data: ${JSON.stringify(UPDATED)}\n\n`);
  await expect.poll(() => heard, PATIENT).toContainEqual(UPDATED);
}

test.each([404, 400])(
  'after a call found the session forgotten (%i), all that was asked for is asked for anew',
  async (status) => {
    await expect.poll(() => old.streams.has('s1'), PATIENT).toBe(true);
    old.unknown = status;
    old.forget();
    await client.ask('tools/call', { name: 'get' });
    const [{ result } = {}] = await client.ask('tools/call', { name: 'get' });
    expect(result).toEqual({ content: [] });
    await hearsIn('s2');
    expect(askedIn('s2').slice(0, 2)).toEqual(['logging/setLevel', 'tools/call']);
    await expect.poll(() => old.streams.get('s1')?.destroyed, PATIENT).toBe(true);
    expect(heard).toContainEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
  },
);

test('and after the stream found it, without a call', async () => {
  await expect.poll(() => old.streams.has('s1'), PATIENT).toBe(true);
  old.forget();
  old.streams.get('s1')!.destroy();
  await hearsIn('s2');
  expect(askedIn('s2')).toEqual(['logging/setLevel', 'resources/subscribe']);
});

test('a server without such a stream keeps its session', async () => {
  old.hasStreams = false;
  old.forget();
  await client.ask('tools/call', { name: 'get' });
  await expect
    .poll(() => upstream.seen.findLast(({ httpMethod }) => httpMethod === 'GET')?.headers['mcp-session-id'], PATIENT)
    .toBe('s2');
  await client.ask('tools/call', { name: 'get' });
  expect(upstream.seen.filter(({ message }) => message.method === 'initialize')).toHaveLength(2);
});

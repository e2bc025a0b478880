import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { processEnvironment } from '../config/process-environment.js';
import { LegacyClient } from './testing/legacy-client.js';
import { postModern, sendModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendResult, textResult, UpstreamServer, type Handler } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const POLICIES = '@id("all") @reason("All may.") permit(principal, action, resource);';
const SERVER = join(import.meta.dirname, '..', '..', 'test', 'support', 'hosted-server.mjs');
const HOSTED = { command: [process.execPath, SERVER, 'legacy'], isolation: 'none', network: 'host' };

/** A server of 2024-11-05 that greets and never answers a call. */
const old: Handler = ({ httpMethod, message }, response) => {
  if (httpMethod === 'GET') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: endpoint\ndata: /messages\n\n');
    stream = response;
    return;
  }
  response.writeHead(202).end();
  const result = { protocolVersion: '2024-11-05', capabilities: {}, serverInfo: { name: 'old', version: '1' } };
  if (message.method === 'initialize') {
    stream.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result })}\n\n`);
  } else if (message.method === 'tools/call') oldWasAsked();
};
let stream: Parameters<Handler>[1];
let oldWasAsked: () => void = () => undefined;
let farWasAsked: (answer: () => void) => void;

let upstreams: UpstreamServer[];
let gateway: OpenGateway;

beforeAll(async () => {
  const far = await UpstreamServer.modern((request, response) => {
    const { method } = request.message;
    const tools = [{ name: 'args', inputSchema: { type: 'object' } }];
    if (method === 'subscriptions/listen')
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    else if (method !== 'tools/call') sendResult(response, request, { resultType: 'complete', tools });
    else farWasAsked(() => sendResult(response, request, textResult('done')));
  });
  const sse = await UpstreamServer.open(old);
  upstreams = [far, sse];
  gateway = await OpenGateway.open({
    policies: POLICIES,
    environment: { PATH: processEnvironment()['PATH'] ?? '' },
    settings: { hostedProcesses: 1, requestsPerChannel: 1, sseStreams: 1, callsPerServer: 2, callsPerPerson: 2 },
    servers: {
      one: HOSTED,
      two: HOSTED,
      far: { url: far.url },
      old: { url: sse.url, transport: 'sse' },
      older: { url: sse.url, transport: 'sse' },
    },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  for (const upstream of upstreams) await upstream[Symbol.asyncDispose]();
});

const at = (server: string): string => `${gateway.url}/mcp/${server}`;

async function errorOf(server: string, as: string): Promise<string | undefined> {
  return (await postModern(at(server), 'tools/call', { name: 'args' }, { as })).message.error?.message;
}

const AGAIN = 'The call was not made. Try again in a moment.';

test('all processes are busy: the next one is refused, and told the bound', async () => {
  const client = new AbortController();
  const wait = { name: 'wait', _meta: { progressToken: 1 } };
  const { body } = await sendModern(at('one'), 'tools/call', wait, { signal: client.signal });
  expect(await errorOf('two', 'bob')).toBe(
    `All 1 processes of hosted servers are in use, which is the limit (limits.hostedProcesses). ${AGAIN}`,
  );
  client.abort();
  await body!.cancel().catch(() => undefined);
  await expect.poll(() => errorOf('two', 'bob'), { timeout: 15_000 }).toBeUndefined();
});

test('a process has as many requests under way as it may', async () => {
  const client = new AbortController();
  const wait = { name: 'wait', _meta: { progressToken: 1 } };
  const { body } = await sendModern(at('two'), 'tools/call', wait, { as: 'bob', signal: client.signal });
  expect(await errorOf('two', 'bob')).toBe(
    `The MCP server has 1 requests under way on one channel, which is the limit (limits.requestsPerChannel). ${AGAIN}`,
  );
  client.abort();
  await body!.cancel().catch(() => undefined);
});

test('all HTTP+SSE streams are busy', async () => {
  const client = new AbortController();
  const asked = new Promise<void>((resolve) => (oldWasAsked = resolve));
  const call = sendModern(at('old'), 'tools/call', { name: 'any' }, { signal: client.signal }).catch(() => undefined);
  await asked;
  expect(await errorOf('older', 'bob')).toBe(
    `All 1 HTTP+SSE streams are in use, which is the limit (limits.sseStreams). ${AGAIN}`,
  );
  client.abort();
  await call;
});

test('a server has as many calls as it may, of all people together', async () => {
  const answers: (() => void)[] = [];
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  farWasAsked = (answer) => {
    if (answers.push(answer) === 2) resolve();
  };
  const calls = ['alice', 'carol'].map((as) => postModern(at('far'), 'tools/call', { name: 'any' }, { as }));
  await asked;
  expect(await errorOf('far', 'bob')).toBe(
    `The MCP server has 2 calls under way, which is the limit (limits.callsPerServer). ${AGAIN}`,
  );
  for (const answer of answers) answer();
  const texts = (await Promise.all(calls)).map(({ message }) => message.result?.content?.[0]?.text);
  expect(texts).toEqual(['done', 'done']);
});

test('open streams count as calls of their person, not of the server, and leave when they end', async () => {
  const client = new AbortController();
  const { signal } = client;
  const filter = { notifications: { toolsListChanged: true } };
  const listening = await sendModern(at('far'), 'subscriptions/listen', filter, { as: 'carol', signal });
  const legacy = await LegacyClient.open(at('far'), { as: 'carol' });
  const heard = await fetch(at('far'), { headers: { ...legacy.headers, accept: 'text/event-stream' }, signal });
  expect([listening.status, heard.status]).toEqual([200, 200]);
  const limit = 'You have 2 calls or streams under way, which is the limit (limits.callsPerPerson).';
  expect(await errorOf('far', 'carol')).toBe(`${limit} Try again when one has ended.`);
  const third = await postModern(at('far'), 'subscriptions/listen', filter, { as: 'carol' });
  expect([third.status, third.message.error?.data?.['code']]).toEqual([429, 'rate_limited']);
  client.abort();
  farWasAsked = (answer) => answer();
  await expect.poll(() => errorOf('far', 'carol'), { timeout: 15_000 }).toBeUndefined();
});

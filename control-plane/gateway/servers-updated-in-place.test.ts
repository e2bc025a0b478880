import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { processEnvironment } from '../config/process-environment.js';
import { DEFAULT_LIMITS } from '../upstreams/limits.js';
import { postModern, sendModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, sendResult, textResult, UpstreamServer, type Handler } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const POLICIES = '@id("all") @reason("All may.") permit(principal, action, resource);';
const SERVER = join(import.meta.dirname, '..', '..', 'test', 'support', 'hosted-server.mjs');

const TOOLS = [{ name: 'any', inputSchema: { type: 'object' } }];
const failure = (code: number) => ({ jsonrpc: '2.0', id: null, error: { code, message: 'No.' } });
const initialized = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'old', version: '1' } };
const discovered = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: {},
  instructions: 'New.',
};
const broken: Handler = (_request, response) => sendJson(response, 503, failure(-32603));

const streams: ServerResponse[] = [];
const keepOpen = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  streams.push(response);
};

const legacy: Handler = (request, response) => {
  const { method, id } = request.message;
  const session = request.headers['mcp-session-id'];
  if (method === 'initialize') {
    sendJson(response, 200, { jsonrpc: '2.0', id, result: initialized }, { 'mcp-session-id': 'of-legacy' });
  } else if (session === undefined) sendJson(response, 400, failure(-32000));
  else if (session !== 'of-legacy') response.writeHead(404).end();
  else if (request.httpMethod === 'GET') keepOpen(response);
  else if (id === undefined) response.writeHead(202).end();
  else sendResult(response, request, { ...textResult('legacy'), tools: TOOLS });
};

const modern: Handler = (request, response) => {
  if (request.headers['mcp-protocol-version'] !== '2026-07-28') sendJson(response, 400, failure(-32022));
  else if (request.message.method === 'server/discover') sendResult(response, request, discovered);
  else if (request.message.method === 'subscriptions/listen') keepOpen(response);
  else sendResult(response, request, { ...textResult('modern'), tools: TOOLS });
};

/** Knows nothing of the sessions of the server before it. */
const modernWithout: Handler = (request, response) => {
  if (request.headers['mcp-session-id'] === undefined) void modern(request, response);
  else response.writeHead(404).end();
};

let speak: Handler;
let upstream: UpstreamServer;
let gateway: OpenGateway;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-sso-updated-'));
  upstream = await UpstreamServer.open((request, response) => speak(request, response));
});

beforeEach(async () => {
  upstream.seen.length = 0;
  writeFileSync(join(folder, 'era'), 'legacy');
  gateway = await OpenGateway.open({
    policies: POLICIES,
    environment: { PATH: processEnvironment()['PATH'] ?? '' },
    limits: { hosted: { ...DEFAULT_LIMITS.hosted, backOff: { first: 1, longest: 1, stable: 30_000 } } },
    servers: {
      far: { url: upstream.url },
      here: {
        command: ['/bin/sh', '-c', `exec '${process.execPath}' '${SERVER}' "$(cat '${folder}/era')"`],
        isolation: 'none',
        network: 'host',
      },
    },
  });
  return () => gateway[Symbol.asyncDispose]();
});

afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function ask(server: string, method: string, params: Record<string, unknown> = {}): Promise<unknown> {
  const { result, error } = (await postModern(`${gateway.url}/mcp/${server}`, method, params)).message;
  return result?.content?.[0]?.text ?? result?.['instructions'] ?? error?.data?.['code'] ?? error?.code ?? 'nothing';
}

const call = (server = 'far', name = 'any'): Promise<unknown> => ask(server, 'tools/call', { name });
const asked = (method: string): number => upstream.seen.filter(({ message }) => message.method === method).length;

test.each([
  ['which refuses the revision of its session', modern, [-32022, 'modern']],
  ['which has forgotten the session', modernWithout, ['modern', 'modern']],
])('a server that was updated in place, %s, is spoken to in its new revision at once', async (_how, next, heard) => {
  speak = legacy;
  expect(await call()).toBe('legacy');
  speak = next;
  const answers = [await call(), await call()];
  expect(answers.map((answer) => (answer === 'upstream_invalid' ? -32022 : answer))).toEqual(heard);
  expect(await ask('far', 'server/discover')).toBe('New.');
});

test('and one that went back to an older revision likewise', async () => {
  speak = modern;
  expect(await call()).toBe('modern');
  speak = legacy;
  expect(await call()).toBe(-32000);
  expect(await call()).toBe('legacy');
  speak = modern;
  await call();
  speak = legacy;
  expect(await ask('far', 'server/discover')).toBe('nothing');
  expect(await call()).toBe('legacy');
});

test('requests that a modern server refuses do not make us ask what it speaks', async () => {
  speak = modern;
  await call();
  speak = (request, response) => {
    if (request.message.method === 'server/discover') void modern(request, response);
    else sendJson(response, 400, failure(-32602));
  };
  for (let n = 0; n < 3; n += 1) expect(await call()).toBe(-32602);
  expect(asked('server/discover')).toBe(1);
});

test('a server that learned the newer revision and still speaks the older one is found when the verdict expires', async () => {
  const short = await OpenGateway.open({
    policies: POLICIES,
    limits: { legacyVerdict: 0 },
    servers: { far: { url: upstream.url } },
  });
  const heard = async () =>
    (await postModern(`${short.url}/mcp/far`, 'tools/call', { name: 'any' })).message.result?.content?.[0]?.text;
  speak = legacy;
  expect(await heard()).toBe('legacy');
  speak = (request, response) =>
    request.headers['mcp-protocol-version'] === '2026-07-28' ? modern(request, response) : legacy(request, response);
  expect(await heard()).toBe('modern');
  await short[Symbol.asyncDispose]();
});

test('who listens to a server hears it in its new revision, back and forth', async () => {
  speak = modern;
  const client = new AbortController();
  const filter = { notifications: { toolsListChanged: true } };
  // Kept until the end: fetch closes the connection of a response that was collected as garbage.
  const unread = await sendModern(`${gateway.url}/mcp/far`, 'subscriptions/listen', filter, { signal: client.signal });
  for (const [next, method] of [
    [legacy, 'GET'],
    [modern, 'POST'],
  ] as const) {
    speak = next;
    for (const stream of streams.splice(0)) stream.end();
    await expect.poll(() => streams.map(({ req }) => req.method), { timeout: 20_000 }).toEqual([method]);
  }
  client.abort();
  await expect(unread.text()).rejects.toThrow('aborted');
});

test.each<[string, Handler]>([
  ['401', (_request, response) => void response.writeHead(401).end()],
  ['403 with a modern error', (_request, response) => sendJson(response, 403, failure(-32022))],
  ['429', (_request, response) => void response.writeHead(429).end()],
  ['500', (_request, response) => void response.writeHead(500).end()],
  ['503 with an error of a legacy server', broken],
])('%s says nothing of the revision, be it the first answer or a later one', async (_what, refuse) => {
  speak = refuse;
  await call();
  expect(asked('initialize')).toBe(0);
  speak = modern;
  expect(await call()).toBe('modern');
  upstream.seen.length = 0;
  speak = refuse;
  await call();
  speak = modern;
  expect(await call()).toBe('modern');
  expect([asked('server/discover'), asked('initialize')]).toEqual([0, 0]);
});

test('a legacy server that fails for a while is a legacy server', async () => {
  speak = legacy;
  expect(await call()).toBe('legacy');
  speak = broken;
  await call();
  speak = legacy;
  expect(await call()).toBe('legacy');
});

test('a hosted server is spoken to in the revision of the program that is there when it starts', async () => {
  expect(await call('here', 'args')).toBe('["legacy"]');
  for (const era of ['modern', 'legacy', 'brittle', 'modern']) {
    writeFileSync(join(folder, 'era'), era);
    expect(await call('here', 'crash')).toBe('outcome_unknown');
    await expect.poll(() => call('here', 'args'), { timeout: 20_000 }).toBe(`["${era}"]`);
  }
});

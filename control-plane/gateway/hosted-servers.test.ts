import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import { CredentialsService } from '../credentials/credentials.service.js';
import { readWhole } from '../upstreams/answer-body.js';
import { HostedServers } from '../upstreams/stdio/hosted-servers.js';
import type { UpstreamRequest, UpstreamScope } from '../upstreams/upstream-request.js';
import { DEFAULT_LIMITS } from '../upstreams/limits.js';
import { Logger } from '../observability/logger.js';
import { processEnvironment } from '../config/process-environment.js';
import { settingsSchema } from '../config/settings.js';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern, sendModern } from './testing/mcp-post.js';

const SERVER = join(import.meta.dirname, '..', '..', 'test', 'support', 'hosted-server.mjs');
const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;

/** No isolation: these tests are about processes and messages, and run where no bubblewrap is. */
const hosted = (era: string, more: object = {}): object => ({
  command: [process.execPath, SERVER, era],
  isolation: 'none',
  network: 'host',
  ...more,
});

const HOSTED_LIMITS = {
  ...DEFAULT_LIMITS.hosted,
  message: 256 * 1024,
  stop: 500,
  backOff: { ...DEFAULT_LIMITS.hosted.backOff, first: 3_000 },
};

let gateway: OpenGateway;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-sso-hosted-'));
  writeFileSync(join(folder, 'key'), 'first-secret-value\n');
  gateway = await OpenGateway.open({
    policies: POLICIES,
    environment: {
      PATH: processEnvironment()['PATH'] ?? '',
      UPSTREAM_KEY: 'k3y-of-the-company',
      MASTER: 'never-inherited',
    },
    limits: { idle: 2_000, hosted: HOSTED_LIMITS },
    servers: {
      legacy: hosted('legacy', { env: { KEY: 'env:UPSTREAM_KEY', MODE: 'plain' } }),
      modern: hosted('modern'),
      brittle: hosted('brittle'),
      together: hosted('legacy', { shared: true }),
      rotating: hosted('legacy', { env: { KEY: `file:${join(folder, 'key')}` } }),
      broken: { ...hosted('legacy'), command: ['/bin/false'] },
    },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function call(server: string, name: string, args: object = {}, as = 'alice') {
  const { message } = await postModern(`${gateway.url}/mcp/${server}`, 'tools/call', { name, arguments: args }, { as });
  return { text: message.result?.content?.[0]?.text ?? '', error: message.error, result: message.result };
}

async function counted(server: string, as: string): Promise<{ count: number; pid: number }> {
  return JSON.parse((await call(server, 'count', {}, as)).text) as { count: number; pid: number };
}

test.each(['legacy', 'modern', 'brittle'])(
  'a %s server lists and answers, in the form of the client',
  async (server) => {
    const { message } = await postModern(`${gateway.url}/mcp/${server}`, 'tools/list');
    expect(message.result?.['tools']).toContainEqual({ name: 'count', inputSchema: { type: 'object' } });
    const { result } = await call(server, 'args');
    expect(result).toEqual({ resultType: 'complete', content: [{ type: 'text', text: `["${server}"]` }] });
    const { message: discovered } = await postModern(`${gateway.url}/mcp/${server}`, 'server/discover');
    expect(discovered.result?.['capabilities']).toEqual({ tools: {} });
  },
);

test('two people have two processes and see nothing of each other; a shared server has one', async () => {
  const alice = await counted('legacy', 'alice');
  const bob = await counted('legacy', 'bob');
  expect([alice.count, bob.count]).toEqual([1, 1]);
  expect(alice.pid).not.toBe(bob.pid);
  expect(await counted('legacy', 'alice')).toEqual({ count: 2, pid: alice.pid });
  const together = await counted('together', 'alice');
  expect(await counted('together', 'bob')).toEqual({ count: 2, pid: together.pid });
});

test('the environment is built from nothing, and its secret is masked in the answer', async () => {
  const { text } = await call('legacy', 'env');
  expect(Object.keys(JSON.parse(text) as object).toSorted()).toEqual(
    expect.arrayContaining(['HOME', 'KEY', 'LANG', 'MODE', 'PATH']),
  );
  expect(JSON.parse(text)).toMatchObject({ KEY: '[redacted]', MODE: 'plain', HOME: '/nonexistent' });
  expect(text).not.toContain('never-inherited');
  expect(text).not.toContain('UPSTREAM_KEY');
});

test('a rotated secret makes a new process, once the old value is no longer used', async () => {
  const before = await counted('rotating', 'alice');
  writeFileSync(join(folder, 'key'), 'second-secret-value\n');
  await gateway.app.get(CredentialsService, { strict: false }).setSecret('any', 'clears-the-cache');
  const after = await counted('rotating', 'alice');
  expect(after.count).toBe(1);
  expect(after.pid).not.toBe(before.pid);
});

test('progress reaches the client under its own token', async () => {
  const { messages } = await postModern(`${gateway.url}/mcp/together`, 'tools/call', {
    name: 'steps',
    arguments: {},
    _meta: { progressToken: 'mine' },
  });
  expect(messages.map(({ params }) => params)).toEqual([
    { progressToken: 'mine', progress: 1 },
    { progressToken: 'mine', progress: 2 },
    undefined,
  ]);
});

test('a client that goes away cancels at the server', async () => {
  const gone = new AbortController();
  const response = await sendModern(
    `${gateway.url}/mcp/together`,
    'tools/call',
    { name: 'wait', arguments: {}, _meta: { progressToken: 0 } },
    { signal: gone.signal },
  );
  const reader = response.body!.getReader();
  await reader.read();
  gone.abort();
  await expect
    .poll(async () => (JSON.parse((await call('together', 'cancelled')).text) as number[]).length, { timeout: 15_000 })
    .toBe(1);
});

test('lines that are no messages are ignored, and a silent server is a timeout', async () => {
  expect((await call('together', 'noise', { text: 'Listening on nothing at all' })).text).toBe('made');
  expect((await call('together', 'wait')).error?.code).toBe(-31024);
});

test('an answer over the limit ends the process, and after the back-off another one answers', async () => {
  const { pid } = await counted('modern', 'bob');
  expect((await call('modern', 'fill', { bytes: 300 * 1024 }, 'bob')).error?.code).toBe(-31023);
  expect((await call('modern', 'count', {}, 'bob')).error?.code).toBe(-31021);
  await expect.poll(async () => (await call('modern', 'count', {}, 'bob')).error, { timeout: 15_000 }).toBe(undefined);
  expect((await counted('modern', 'bob')).pid).not.toBe(pid);
});

test('a server that dies during a call leaves its outcome unknown, for its own sign-in alone', async () => {
  const alice = await counted('brittle', 'alice');
  expect((await call('brittle', 'crash', {}, 'bob')).error?.code).toBe(-31025);
  expect((await call('brittle', 'count', {}, 'bob')).error?.code).toBe(-31021);
  expect((await counted('brittle', 'alice')).pid).toBe(alice.pid);
  await expect
    .poll(async () => (await call('brittle', 'count', {}, 'bob')).text, { timeout: 15_000 })
    .toContain('count');
});

test('a program that never answers is an unreachable server, and is not started again at once', async () => {
  expect((await call('broken', 'count')).error?.code).toBe(-31021);
  const { error } = await call('broken', 'count');
  expect(error?.message).toMatch(/^The MCP server failed and is started again in \d+ s at the earliest\. /);
});

test('the end of the sign-in ends its process and no other', async () => {
  const carol = await counted('legacy', 'carol');
  const alice = await counted('legacy', 'alice');
  gateway.identity.end('ses_carol');
  await expect.poll(() => isAlive(carol.pid), { timeout: 15_000 }).toBe(false);
  expect(isAlive(alice.pid)).toBe(true);
});

test('an idle process ends, one in use does not, and a full house makes room for the next', async () => {
  let now = Date.now();
  const servers = hostedServers(hosted('legacy', { idleMinutes: 1 }), { processes: 2 }, () => now);
  const first = await pidOf(servers, 'a');
  const second = await pidOf(servers, 'b');
  await pidOf(servers, 'a');
  await pidOf(servers, 'c');
  await expect.poll(() => isAlive(second), { timeout: 15_000 }).toBe(false);
  expect(isAlive(first)).toBe(true);
  now += 61_000;
  servers.closeIdle();
  await expect.poll(() => isAlive(first), { timeout: 15_000 }).toBe(false);
  await servers.close();
});

test('a modern server that starts too slowly for the probe is understood all the same', async () => {
  const servers = hostedServers(hosted('modern'), { probe: 1 });
  expect(await servers.describe(scopeOf('a'))).toMatchObject({ supportedVersions: ['2026-07-28'] });
  await servers.close();
});

test('for a sign-in that has ended no process is started', async () => {
  const servers = hostedServers(hosted('legacy'), {});
  const reason = new CodedError('session_ended');
  const scope = { ...scopeOf('a'), signal: AbortSignal.abort(reason) };
  await expect(servers.describe(scope)).rejects.toBe(reason);
  await servers.close();
});

function hostedServers(server: object, limits: object, now?: () => number) {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: { providers: {} },
    servers: { one: server },
  });
  const environment = { PATH: processEnvironment()['PATH'] };
  const bounds = { ...DEFAULT_LIMITS, hosted: { ...DEFAULT_LIMITS.hosted, ...limits } };
  const servers = new HostedServers({ directory: folder, environment }, bounds, new Logger('error'), now);
  const one = { settings: settings.servers['one']! };
  return {
    open: (request: UpstreamRequest) => servers.open({ ...request, ...one }),
    describe: (scope: UpstreamScope) => servers.describe({ ...scope, ...one }),
    closeIdle: () => servers.closeIdle(),
    close: () => servers.close(),
  };
}

test(
  'a hosted server’s question waits for the client, also longer than it may be silent, and its call goes on',
  { timeout: 20_000 },
  async () => {
    const capabilities = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
    const ask = (more: object) =>
      postModern(`${gateway.url}/mcp/legacy`, 'tools/call', { name: 'ask', _meta: capabilities, ...more });
    const first = (await ask({})).message.result;
    expect(first).toMatchObject({
      resultType: 'input_required',
      inputRequests: { question: { params: { message: 'Sure?' } } },
    });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const answer = { action: 'accept' };
    const { message } = await ask({ requestState: first?.['requestState'], inputResponses: { question: answer } });
    expect(message.result?.content?.[0]?.text).toBe(JSON.stringify(answer));
  },
);

function scopeOf(partition: string) {
  const access = { headers: {}, query: {}, environment: {}, files: {}, mask: (text: string) => text };
  const client = { key: '', capabilities: {} };
  return { server: 'one', partition, client, access, signal: AbortSignal.timeout(20_000) };
}

async function pidOf(servers: ReturnType<typeof hostedServers>, partition: string): Promise<number> {
  const params = { name: 'count', arguments: {} };
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params } as const;
  const { body } = await servers.open({ ...scopeOf(partition), message });
  return Number(/pid\\":(\d+)/.exec((await readWhole(body, 10_000)).toString())?.[1]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

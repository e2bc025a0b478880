import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { processesWith } from '../../test/support/processes.js';
import { processEnvironment } from '../config/process-environment.js';
import { UpstreamsService } from '../upstreams/upstreams.service.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const PATIENT = { timeout: 30_000 };
const POLICIES = '@id("all") @reason("All may.") permit(principal, action, resource);';
const SERVER = join(import.meta.dirname, '..', '..', 'test', 'support', 'hosted-server.mjs');
/** In the command line of each process of these tests. */
const MARK = `bounds-of-${process.pid}`;

const hosted = (more: object = {}): object => ({
  command: [process.execPath, SERVER, 'legacy', MARK],
  isolation: 'none',
  network: 'host',
  ...more,
});

let gateway: OpenGateway;

beforeEach(async () => {
  gateway = await OpenGateway.open({
    policies: POLICIES,
    environment: { PATH: processEnvironment()['PATH'] ?? '' },
    // Node alone takes more than 512 MiB by this count.
    servers: { greedy: hosted({ memoryMiB: 768 }), loud: hosted(), calm: hosted() },
  });
});

afterEach(() => gateway[Symbol.asyncDispose]());

/** Whatever a server did: the other answers, and once the sign-in has ended no process is left. */
async function expectNothingElseHappened(): Promise<void> {
  expect(await call('calm', 'args')).toMatchObject({ text: `["legacy","${MARK}"]` });
  gateway.identity.end('ses_alice');
  await expect.poll(() => processesWith(MARK), PATIENT).toEqual([]);
}

const saidByLoud = (): unknown[] => gateway.app.get(UpstreamsService, { strict: false }).outputOf('loud') ?? [];

async function call(server: string, name: string, args: object = {}) {
  const { message } = await postModern(`${gateway.url}/mcp/${server}`, 'tools/call', { name, arguments: args });
  const { result, error } = message;
  return { text: result?.content?.[0]?.text, code: error?.data?.['code'], said: error?.message };
}

test('a server that takes more memory than it may ends, the person hears why, and a new one answers', async () => {
  expect(await call('greedy', 'hoard', { mebibytes: 1_500 })).toEqual({
    text: undefined,
    code: 'outcome_unknown',
    said: 'The MCP server crashed during the call, as programs do that can get no more memory (memoryMiB is its limit). It is not known whether it took effect.',
  });
  await expect.poll(async () => (await call('greedy', 'count')).text, PATIENT).toContain('"count":1');
  await expectNothingElseHappened();
});

test('a line of 100 MiB ends the server, and the person hears the bound', async () => {
  expect(await call('loud', 'flood', { mebibytes: 100 })).toEqual({
    text: undefined,
    code: 'upstream_invalid',
    said: 'A message of the MCP server is larger than 16777216 bytes (limits.messageBytes). Ask for less. It is not known whether it took effect.',
  });
  await expectNothingElseHappened();
});

test.each(['stdout', 'stderr'])(
  'a server that talks without end on %s answers, and little of it is kept',
  async (on) => {
    expect((await call('loud', 'chatter', { on })).text).toBe('talking');
    expect((await call('loud', 'args')).text).toBe(`["legacy","${MARK}"]`);
    await expect.poll(() => saidByLoud().length, PATIENT).toBe(200);
    expect(JSON.stringify(saidByLoud()).length).toBeLessThan(300_000);
    await expectNothingElseHappened();
  },
);

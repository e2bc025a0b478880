import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { processEnvironment } from '../config/process-environment.js';
import { readMessages } from './testing/legacy-client.js';
import { sendModern } from './testing/mcp-post.js';
import { OpenGateway, type GatewayOptions } from './testing/open-gateway.js';
import { sendResult, UpstreamServer } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 60_000 });

const PATIENT = { timeout: 30_000 };
const HOSTED = join(import.meta.dirname, '..', '..', 'test', 'support', 'hosted-server.mjs');
const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;

const open = (options: Omit<GatewayOptions, 'policies'>) =>
  OpenGateway.open({ policies: POLICIES, environment: { PATH: processEnvironment()['PATH'] ?? '' }, ...options });

test('a stop ends streams before calls, and waits for no connection that a client opened ahead', async () => {
  const command = [process.execPath, HOSTED, 'legacy'];
  const gateway = await open({ servers: { hosted: { command, isolation: 'none', network: 'host' } } });
  const url = `${gateway.url}/mcp/hosted`;
  const heard: unknown[] = [];
  const stream = await sendModern(url, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
  const reading = readMessages(stream, (message) => heard.push(message));
  const stop = new AbortController();
  const wait = { name: 'wait', _meta: { progressToken: 1 } };
  const waiting = await sendModern(url, 'tools/call', wait, { signal: stop.signal });
  let over = false;
  const ended = waiting.text().then(
    () => (over = true),
    () => (over = true),
  );
  const ahead = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
  await once(ahead, 'connect');
  const closed = gateway[Symbol.asyncDispose]();
  await reading;
  expect(heard.at(-1)).toMatchObject({ error: { data: { code: 'shutting_down' } } });
  expect(over).toBe(false);
  stop.abort();
  await Promise.all([closed, ended]);
});

test('a server that never opens a stream is given up, and asked again', async () => {
  const asked: Promise<unknown>[] = [];
  const silent = await UpstreamServer.modern((request, response) => {
    if (request.message.method === 'subscriptions/listen') asked.push(once(response, 'close'));
    else sendResult(response, request, { resultType: 'complete', tools: [] });
  });
  const gateway = await open({ servers: { x: { url: silent.url } }, limits: { question: 1_000 } });
  const stop = new AbortController();
  const options = { signal: stop.signal };
  // Kept until the end: fetch closes the connection of a response that was collected as garbage.
  const stream = await sendModern(`${gateway.url}/mcp/x`, 'subscriptions/listen', { notifications: {} }, options);
  await expect.poll(() => asked.length, PATIENT).toBe(2);
  await asked[0];
  stop.abort();
  await expect(stream.text()).rejects.toThrow('aborted');
  await gateway[Symbol.asyncDispose]();
  await silent[Symbol.asyncDispose]();
});

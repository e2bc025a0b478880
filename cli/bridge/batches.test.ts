import { expect, test } from 'vitest';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { LEGACY_CLIENT } from './testing/app.js';
import { succeed, type Received } from './testing/control-plane.js';
import { stage } from './testing/stage.js';

const OLD = { ...LEGACY_CLIENT, protocolVersion: '2025-03-26' };

const call = (id: unknown, name: string): JsonObject => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name },
});
const nameOf = ({ message }: Received) => (message['params'] as JsonObject)['name'];

/** Answers with the tool's name, and `slow` not before the test says so. */
async function batching() {
  const slow = Promise.withResolvers<void>();
  const at = await stage(async (received, response) => {
    if (nameOf(received) === 'slow') await slow.promise;
    succeed(received, response, { name: nameOf(received) });
  });
  await at.app.ask({ id: 'init', method: 'initialize', params: OLD });
  return { ...at, slow, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() };
}

test('each request of a batch goes out by itself, and the answers come back as one array', async () => {
  await using at = await batching();
  at.app.send(JSON.stringify([call(1, 'slow'), { jsonrpc: '2.0', id: '1', method: 'ping' }, call(2, 'b')]));
  await expect.poll(() => at.plane.received.map(nameOf), { timeout: 5_000 }).toEqual(['slow', 'b']);
  at.slow.resolve();
  const answers = (await at.app.next()) as unknown as JsonObject[];
  expect(answers.toSorted((a, b) => JSON.stringify(a['id']).localeCompare(JSON.stringify(b['id'])))).toEqual([
    { jsonrpc: '2.0', id: '1', result: {} },
    { jsonrpc: '2.0', id: 1, result: { name: 'slow' } },
    { jsonrpc: '2.0', id: 2, result: { name: 'b' } },
  ]);
});

test('a cancelled request of a batch gets no answer, and holds up no other one', async () => {
  await using at = await batching();
  at.app.send(JSON.stringify([call(1, 'slow'), call(2, 'b')]));
  await expect.poll(() => at.plane.received.length, { timeout: 5_000 }).toBe(2);
  at.app.send(JSON.stringify([{ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }]));
  expect(await at.app.next()).toEqual([{ jsonrpc: '2.0', id: 2, result: { name: 'b' } }]);
  at.slow.resolve();
});

test('an app of another revision has no batches', async () => {
  await using at = await stage((received, response) => succeed(received, response, {}));
  at.app.send(JSON.stringify([call(1, 'a')]));
  expect(await at.app.next()).toMatchObject({
    id: null,
    error: { code: -32600, message: expect.stringContaining('part of MCP 2025-03-26 only') },
  });
  expect(at.plane.received).toEqual([]);
});

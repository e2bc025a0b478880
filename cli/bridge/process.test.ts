import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { LEGACY_CLIENT } from './testing/app.js';
import { ScriptedControlPlane } from './testing/control-plane.js';
import { bundle, MEMORY_BRIDGE, PRODUCT_BRIDGE } from './testing/executable.js';

const INITIALIZE = { jsonrpc: '2.0', id: 0, method: 'initialize', params: LEGACY_CLIENT };
const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow' } };

const children: ChildProcessWithoutNullStreams[] = [];
let memoryBridge: string;

beforeAll(async () => {
  memoryBridge = await bundle(MEMORY_BRIDGE);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(file: string, env: Record<string, string>): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [file], { env });
  children.push(child);
  return child;
}

function say(child: ChildProcessWithoutNullStreams, message: JsonObject): void {
  child.stdin.write(`${JSON.stringify(message)}\n`);
}

/** The exit code (or signal) and the milliseconds from `end` to it. */
async function ending(child: ChildProcessWithoutNullStreams, end: () => void): Promise<[unknown, number]> {
  const exit = once(child, 'exit', { signal: AbortSignal.timeout(5_000) });
  const before = performance.now();
  end();
  const [code, signal] = (await exit) as unknown[];
  return [code ?? signal, performance.now() - before];
}

test('without a control plane the product answers, offers sign_in, says nothing else and ends', async () => {
  const home = await mkdtemp(join(tmpdir(), 'mcp-sso-home-'));
  const child = start(await bundle(PRODUCT_BRIDGE), { HOME: home });
  const stderr = text(child.stderr);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => JSON.parse((await lines.next()).value as string);
  say(child, INITIALIZE);
  expect(await answer()).toMatchObject({ id: 0, result: { serverInfo: { name: 'mcp-sso', version: '0.1.0' } } });
  say(child, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
  expect(await answer()).toMatchObject({ id: 1, result: { tools: [{ name: 'sign_in' }] } });
  say(child, { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'sign_in' } });
  const hint = expect.stringContaining('mcp-sso login --url https://');
  expect(await answer()).toMatchObject({ id: 2, result: { content: [{ text: hint }] } });
  const [code, milliseconds] = await ending(child, () => child.stdin.end());
  expect(code).toBe(0);
  expect(milliseconds).toBeLessThan(1_000);
  expect((await lines.next()).done).toBe(true);
  expect(await stderr).toBe('');
});

test.each<[string, unknown, (child: ChildProcessWithoutNullStreams) => void]>([
  ['stdin ends', 0, (child) => child.stdin.end()],
  ['SIGTERM arrives', 0, (child) => child.kill('SIGTERM')],
  ['SIGINT arrives', 130, (child) => child.kill('SIGINT')],
])('complaint 17, with a call in flight, the process is gone within a second when %s', async (_name, code, end) => {
  const arrived = Promise.withResolvers<void>();
  await using plane = new ScriptedControlPlane(() => arrived.resolve());
  const child = start(memoryBridge, { ORIGIN: await plane.listen(), TOKEN: 'good' });
  const stdout = text(child.stdout);
  say(child, INITIALIZE);
  say(child, CALL);
  await arrived.promise;
  const [actual, milliseconds] = await ending(child, () => end(child));
  expect(actual).toBe(code);
  expect(milliseconds).toBeLessThan(1_000);
  expect((await stdout).trim().split('\n')).toHaveLength(1);
});

test('the process ends when nobody reads its answers any more', async () => {
  const child = start(memoryBridge, { ORIGIN: 'http://127.0.0.1:9' });
  say(child, INITIALIZE);
  await once(child.stdout, 'data');
  const [code] = await ending(child, () => {
    child.stdout.destroy();
    say(child, { jsonrpc: '2.0', id: 1, method: 'ping' });
    say(child, { jsonrpc: '2.0', id: 2, method: 'ping' });
  });
  expect(code).toBe(0);
});

test('requests piped in at once are answered although stdin ends with them', async () => {
  await using plane = new ScriptedControlPlane((received, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: received.message['id'], result: { resultType: 'complete' } }));
  });
  const child = start(memoryBridge, { ORIGIN: await plane.listen(), TOKEN: 'good' });
  const stdout = text(child.stdout);
  const [code] = await ending(child, () => child.stdin.end(`${JSON.stringify(INITIALIZE)}\n${JSON.stringify(CALL)}\n`));
  expect(code).toBe(0);
  const ids = (await stdout)
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as JsonObject)['id']);
  expect(ids).toEqual([0, 1]);
});

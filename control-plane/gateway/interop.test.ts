import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../../demo/stack/ports.js';
import { OpenGateway } from './testing/open-gateway.js';

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;

let modern: Server;
let everything: ChildProcess;
let gateway: OpenGateway;

beforeAll(async () => {
  modern = createServer(toHandler());
  await new Promise<void>((resolve) => modern.listen(0, '127.0.0.1', resolve));
  const port = await freePort();
  everything = await startEverything(port);
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: {
      modern: { url: `http://127.0.0.1:${(modern.address() as AddressInfo).port}/mcp` },
      everything: { url: `http://127.0.0.1:${port}/mcp` },
    },
  });
}, 30_000);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  everything.kill();
  modern.closeAllConnections();
  modern.close();
});

function toHandler(): Parameters<typeof createServer>[1] {
  const handler = toNodeHandler(
    createMcpHandler(() => {
      const server = new McpServer({ name: 'modern', version: '1' });
      server.registerTool('add', { inputSchema: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => ({
        content: [{ type: 'text', text: String(a + b) }],
      }));
      return server;
    }),
  );
  return (request, response) => void handler(request as Parameters<typeof handler>[0], response);
}

async function startEverything(port: number): Promise<ChildProcess> {
  const script = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');
  const child = spawn(process.execPath, [script, 'streamableHttp'], {
    env: { PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => chunk.includes('listening') && resolve());
    child.once('exit', (code) => reject(new Error(`server-everything ended with ${code}`)));
  });
  return child;
}

const requestInit = { headers: { authorization: 'Bearer alice' } };
const info = { name: 'interop', version: '1' };

async function modernClient(path: string): Promise<ModernClient> {
  const client = new ModernClient(info, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new ModernTransport(new URL(`${gateway.url}${path}`), { requestInit }));
  return client;
}

async function legacyClient(path: string): Promise<LegacyClient> {
  const client = new LegacyClient(info);
  const transport = new LegacyTransport(new URL(`${gateway.url}${path}`), { requestInit });
  await client.connect(transport);
  return client;
}

interface CallOptions {
  readonly onprogress: (update: { progress: number }) => void;
  readonly signal?: AbortSignal;
}

/** The two SDKs differ in where the options stand. */
function callSlow(client: LegacyClient | ModernClient, duration: number, options: CallOptions): Promise<unknown> {
  const params = { name: 'trigger-long-running-operation', arguments: { duration, steps: duration * 4 } };
  return client instanceof ModernClient
    ? client.callTool(params, options)
    : client.callTool(params, undefined, options);
}

describe.each([
  ['modern', modernClient],
  ['legacy', legacyClient],
])('a %s client of the SDK', (era, connect) => {
  const open = connect as (path: string) => Promise<LegacyClient>;

  test('at one modern server', async () => {
    const client = await open('/mcp/modern');
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['add']);
    const result = await client.callTool({ name: 'add', arguments: { a: 2, b: 40 } });
    expect(result.content).toEqual([{ type: 'text', text: '42' }]);
    await client.close();
  });

  test('at the published legacy server: tools, progress, resources, prompts', { timeout: 20_000 }, async () => {
    const client = await open('/mcp/everything');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('get-sum');
    const sum = await client.callTool({ name: 'get-sum', arguments: { a: 2, b: 40 } });
    expect(JSON.stringify(sum.content)).toContain('42');
    const progress: number[] = [];
    await callSlow(client, 1, { onprogress: (update) => progress.push(update.progress) });
    expect(progress.length).toBeGreaterThanOrEqual(3);
    const { resources } = await client.listResources();
    expect(resources.length).toBeGreaterThan(0);
    const read = await client.readResource({ uri: resources[0]!.uri });
    expect(read.contents.length).toBeGreaterThan(0);
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toContain('simple-prompt');
    expect((await client.getPrompt({ name: 'simple-prompt' })).messages).toHaveLength(1);
    await client.close();
  });

  test('at all servers at once', { timeout: 20_000 }, async () => {
    const client = await open('/mcp');
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names[0]).toBe('modern__add');
    expect(names).toContain('everything__get-sum');
    const result = await client.callTool({ name: 'modern__add', arguments: { a: 1, b: 1 } });
    expect(result.content).toEqual([{ type: 'text', text: '2' }]);
    const { resources } = await client.listResources();
    const read = await client.readResource({ uri: resources[0]!.uri });
    expect(read.contents[0]?.uri).toBe(resources[0]!.uri);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates[0]?.uriTemplate).toMatch(/^mcp\.everything\+demo:\/\//);
    expect(client.getInstructions()).toContain('Servers: modern, everything.');
    await client.close();
  });

  test('an abort of the client cancels the call', { timeout: 20_000 }, async () => {
    const client = await open('/mcp/everything');
    const stop = new AbortController();
    const progress = Promise.withResolvers<void>();
    const call = callSlow(client, 10, { signal: stop.signal, onprogress: () => progress.resolve() });
    const failed = call.then(
      () => 'answered',
      () => 'failed',
    );
    await progress.promise;
    stop.abort();
    expect(await failed).toBe('failed');
    await expect
      .poll(async () => (await gateway.records()).at(-1))
      .toBe('tool.call outcome everything trigger-long-running-operation cancelled interrupted');
    await client.close();
  });

  test(`speaks the ${era} revision to the gateway`, async () => {
    const client = await open('/mcp/modern');
    expect(client.getServerVersion()?.name).toBe('modern');
    await client.close();
  });
});

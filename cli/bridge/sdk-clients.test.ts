import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldStdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { bundle, MEMORY_BRIDGE } from './testing/executable.js';

const INFO = { name: 'test-app', version: '1.0.0' };
const SUM = { name: 'sum', arguments: { a: 2, b: 40 } };
const SUM_RESULT = { content: [{ type: 'text', text: '42' }] };

let bridge: string;
let plane: Server;
let origin: string;
/** The SDK drops progress that comes together with the result, so the tool waits until it was seen. */
let progressSeen = Promise.withResolvers<void>();

/** A modern MCP server of the SDK that takes the one token of the test. */
beforeAll(async () => {
  bridge = await bundle(MEMORY_BRIDGE);
  const handler = toNodeHandler(createMcpHandler(calculator, { legacy: 'reject' }));
  plane = createServer((request, response) => {
    if (request.headers.authorization === 'DPoP good') {
      void handler(request as IncomingMessage & { method: string; url: string }, response);
    } else response.writeHead(401).end();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  plane.listen(0, '127.0.0.1', resolve);
  await promise;
  origin = `http://127.0.0.1:${(plane.address() as AddressInfo).port}`;
});

afterAll(() => {
  plane.closeAllConnections();
  plane.close();
});

function calculator(): McpServer {
  const server = new McpServer({ name: 'calculator', version: '1.0.0' });
  const inputSchema = z.object({ a: z.number(), b: z.number() });
  server.registerTool('sum', { inputSchema }, async ({ a, b }, context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    if (progressToken !== undefined) {
      const params = { progressToken, progress: 1, total: 2 };
      await context.mcpReq.notify({ method: 'notifications/progress', params });
      await progressSeen.promise;
    }
    return { content: [{ type: 'text', text: String(a + b) }] };
  });
  server.registerResource('pi', 'calc://pi', {}, (uri) => ({ contents: [{ uri: uri.href, text: '3.14' }] }));
  return server;
}

function signInElsewhere(pid: number | null): void {
  // Signalling process 0 would reach the whole group, this test with it.
  if (pid === null) throw new Error('the bridge is not running');
  process.kill(pid, 'SIGUSR2');
}

function parameters(token?: string): { command: string; args: string[]; env: Record<string, string> } {
  return { command: process.execPath, args: [bridge], env: { ORIGIN: origin, ...(token ? { TOKEN: token } : {}) } };
}

test.each(['legacy', 'auto'] as const)('SDK v2, %s: list, call with progress, read', async (mode) => {
  const client = new Client(INFO, { versionNegotiation: { mode } });
  await client.connect(new StdioClientTransport(parameters('good')));
  try {
    expect(client.getProtocolEra()).toBe(mode === 'auto' ? 'modern' : 'legacy');
    expect((await client.listTools()).tools).toMatchObject([{ name: 'sum' }]);
    progressSeen = Promise.withResolvers();
    const progress: unknown[] = [];
    const onprogress = (update: unknown): void => {
      progress.push(update);
      progressSeen.resolve();
    };
    expect(await client.callTool(SUM, { onprogress })).toMatchObject(SUM_RESULT);
    expect(progress).toMatchObject([{ progress: 1, total: 2 }]);
    expect(await client.readResource({ uri: 'calc://pi' })).toMatchObject({ contents: [{ text: '3.14' }] });
  } finally {
    await client.close();
  }
});

test('SDK v1: list, call, read, ping', async () => {
  const client = new OldClient(INFO);
  await client.connect(new OldStdioClientTransport(parameters('good')));
  try {
    expect((await client.listTools()).tools).toMatchObject([{ name: 'sum' }]);
    expect(await client.callTool(SUM)).toMatchObject(SUM_RESULT);
    expect(await client.readResource({ uri: 'calc://pi' })).toMatchObject({ contents: [{ text: '3.14' }] });
    expect(await client.ping()).toEqual({});
  } finally {
    await client.close();
  }
});

test.each(['legacy', 'auto'] as const)('SDK v2, %s: tools appear when the person signs in', async (mode) => {
  const appeared = Promise.withResolvers<unknown>();
  const client = new Client(INFO, {
    versionNegotiation: { mode },
    listChanged: { tools: { onChanged: (error, tools) => (error ? appeared.reject(error) : appeared.resolve(tools)) } },
  });
  const transport = new StdioClientTransport(parameters());
  await client.connect(transport);
  try {
    expect((await client.listTools()).tools).toMatchObject([{ name: 'sign_in' }]);
    expect(await client.callTool(SUM)).toMatchObject({ isError: true });
    signInElsewhere(transport.pid);
    expect(await appeared.promise).toMatchObject([{ name: 'sum' }]);
    expect(await client.callTool(SUM)).toMatchObject(SUM_RESULT);
  } finally {
    await client.close();
  }
});

test('SDK v1: tools appear when the person signs in', async () => {
  const changed = Promise.withResolvers<void>();
  const client = new OldClient(INFO);
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => changed.resolve());
  const transport = new OldStdioClientTransport(parameters());
  await client.connect(transport);
  try {
    expect((await client.listTools()).tools).toMatchObject([{ name: 'sign_in' }]);
    signInElsewhere(transport.pid);
    await changed.promise;
    expect((await client.listTools()).tools).toMatchObject([{ name: 'sum' }]);
  } finally {
    await client.close();
  }
});

import { join } from 'node:path';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { run } from '../../demo/stack/command.js';
import { ROOT } from '../../demo/stack/root.js';
import type { Laptop } from '../../demo/walk/laptop.js';

const INFO = { name: 'interop', version: '1.0.0' };
const PEERS = join(ROOT, 'test', 'peers', 'node_modules');
const INSPECTOR = join(PEERS, '@modelcontextprotocol', 'inspector-cli', 'build', 'index.js');
const MANIFEST = join(ROOT, 'test', 'interop', 'inspector-manifest.mjs');
const MCP_REMOTE = join(PEERS, 'mcp-remote', 'dist', 'proxy.js');

/** How a client reaches the product: at an address that signs in for it, or through a person's own bridge. */
export interface Access {
  /** `/mcp/{server}` behind the proxy that adds the token. */
  readonly url: string;
  readonly server: string;
  readonly laptop: Laptop;
}

export interface Conversation {
  /** Names of the tools. */
  list(): Promise<string[]>;
  /** The whole result of a call, as JSON text. */
  call(name: string, args: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

export type ClientName = keyof typeof CLIENTS;

export const CLIENTS = {
  'SDK v1': ({ url }: Access) => sdk(new StreamableHTTPClientTransport(new URL(url))),
  'SDK v2, legacy': ({ url }: Access) => modernSdk(url, 'legacy'),
  'SDK v2, auto': ({ url }: Access) => modernSdk(url, 'auto'),
  'Inspector CLI': ({ url, laptop }: Access) => Promise.resolve(inspector(url, laptop.elsewhere)),
  'mcp-remote': ({ url, laptop }: Access) =>
    sdk(
      new StdioClientTransport({
        command: process.execPath,
        args: [MCP_REMOTE, url, '--allow-http'],
        env: { PATH: process.env['PATH'] ?? '', HOME: laptop.home },
        cwd: laptop.elsewhere,
        stderr: 'ignore',
      }),
    ),
  bridge: ({ server, laptop }: Access) =>
    sdk(
      new StdioClientTransport({
        ...laptop.commandLine(['bridge', '--server', server]),
        cwd: laptop.elsewhere,
        stderr: 'ignore',
      }),
    ),
} as const satisfies Record<string, (access: Access) => Promise<Conversation>>;

async function sdk(transport: Transport): Promise<Conversation> {
  const client = new Client(INFO);
  await client.connect(transport);
  return {
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => JSON.stringify(await client.callTool({ name, arguments: { ...args } })),
    close: () => client.close(),
  };
}

async function modernSdk(url: string, mode: 'legacy' | 'auto'): Promise<Conversation> {
  const client = new ModernClient(INFO, { versionNegotiation: { mode } });
  await client.connect(new ModernHttp(new URL(url)));
  return {
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => JSON.stringify(await client.callTool({ name, arguments: { ...args } })),
    close: () => client.close(),
  };
}

/** The Inspector makes a connection for each question. */
function inspector(url: string, cwd: string): Conversation {
  const ask = async (...words: string[]): Promise<string> => {
    const args = ['--import', MANIFEST, INSPECTOR, url, '--transport', 'http', ...words];
    const options = { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: cwd } };
    const { code, stdout, stderr } = await run(process.execPath, args, options);
    if (code !== 0) throw new Error(`the Inspector ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    list: async () => {
      const { tools } = JSON.parse(await ask('--method', 'tools/list')) as { tools: { name: string }[] };
      return tools.map(({ name }) => name);
    },
    call: (name, args) => {
      const given = Object.entries(args).flatMap(([key, value]) => ['--tool-arg', `${key}=${value}`]);
      return ask('--method', 'tools/call', '--tool-name', name, ...given);
    },
    close: () => Promise.resolve(),
  };
}

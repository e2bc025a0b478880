import { join } from 'node:path';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { run } from '../../demo/stack/command.js';
import { ROOT } from '../../demo/stack/root.js';

const INFO = { name: 'stdio-client', version: '1.0.0' };
const PEERS = join(ROOT, 'test', 'peers');
const MANIFEST = join(ROOT, 'test', 'interop', 'inspector-manifest.mjs');
const INSPECTOR = join(PEERS, 'node_modules', '@modelcontextprotocol', 'inspector-cli', 'build', 'index.js');
const MCPORTER = join(PEERS, 'ai-apps', 'node_modules', 'mcporter', 'dist', 'cli.js');

/** What a client is told: to start this as its MCP server, in this person's home. */
export interface BridgeCommand {
  readonly command: string;
  readonly args: string[];
  readonly home: string;
  readonly cwd: string;
}

export interface Conversation {
  /** Names of the tools. */
  list(): Promise<string[]>;
  /** The first text of a call's result. */
  call(name: string, args: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

interface Listed {
  readonly tools: readonly { readonly name: string }[];
}

interface Called {
  readonly content: readonly { readonly text?: string }[];
}

export async function sdkV1({ command, args, home, cwd }: BridgeCommand): Promise<Conversation> {
  const client = new Client(INFO);
  await client.connect(new StdioClientTransport({ command, args, cwd, env: { HOME: home }, stderr: 'ignore' }));
  return {
    list: async () => namesOf(await client.listTools()),
    call: async (name, given) => textOf((await client.callTool({ name, arguments: { ...given } })) as Called),
    close: () => client.close(),
  };
}

export const sdkV2 =
  (mode: 'legacy' | 'auto') =>
  async ({ command, args, home, cwd }: BridgeCommand): Promise<Conversation> => {
    const client = new ModernClient(INFO, { versionNegotiation: { mode } });
    await client.connect(new ModernStdio({ command, args, cwd, env: { HOME: home }, stderr: 'ignore' }));
    return {
      list: async () => namesOf(await client.listTools()),
      call: async (name, given) => textOf((await client.callTool({ name, arguments: { ...given } })) as Called),
      close: () => client.close(),
    };
  };

/** Starts a bridge for each question. */
export async function inspector({ command, args, home, cwd }: BridgeCommand): Promise<Conversation> {
  const ask = async (...words: string[]): Promise<unknown> =>
    JSON.parse(await printed(['--import', MANIFEST, INSPECTOR, command, ...args, ...words], home, cwd));
  return {
    list: async () => namesOf((await ask('--method', 'tools/list')) as Listed),
    call: async (name, given) => {
      const words = Object.entries(given).flatMap(([key, value]) => ['--tool-arg', `${key}=${value}`]);
      return textOf((await ask('--method', 'tools/call', '--tool-name', name, ...words)) as Called);
    },
    close: async () => undefined,
  };
}

/** Starts a bridge for each question. */
export async function mcporter({ command, args, home, cwd }: BridgeCommand): Promise<Conversation> {
  const server = ['--stdio', [command, ...args].join(' '), '--name', 'mcp-sso'];
  const ask = (...words: string[]): Promise<string> => printed([MCPORTER, ...words], home, cwd);
  return {
    list: async () => namesOf(JSON.parse(await ask('list', ...server, '--json')) as Listed),
    call: (name, given) => {
      const words = Object.entries(given).map(([key, value]) => `${key}=${value}`);
      return ask('call', ...server, name, ...words, '--output', 'text');
    },
    close: async () => undefined,
  };
}

async function printed(args: readonly string[], home: string, cwd: string): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home };
  const { code, stdout, stderr } = await run(process.execPath, args, { cwd, env });
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

const namesOf = ({ tools }: Listed): string[] => tools.map(({ name }) => name);
const textOf = ({ content }: Called): string => content[0]?.text ?? '';

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../demo/stack/child.js';
import { freePorts } from '../../demo/stack/ports.js';
import { untilAnswering } from '../../demo/stack/ready.js';
import { ROOT } from '../../demo/stack/root.js';

const PUBLISHED = join(ROOT, 'node_modules', '@modelcontextprotocol');
const PEERS = join(ROOT, 'test', 'peers', 'node_modules', '@modelcontextprotocol');
const EVERYTHING = join(PUBLISHED, 'server-everything', 'dist', 'index.js');

/** A published MCP server behind the control plane, and one call that proves that it is the one who answers. */
export interface PublishedServer {
  readonly id: string;
  /** Tools that it offers, at least. */
  readonly tools: readonly string[];
  readonly call: { readonly name: string; readonly arguments: Readonly<Record<string, string>> };
  readonly answer: RegExp;
}

const ECHO = {
  tools: ['echo'],
  call: { name: 'echo', arguments: { message: 'interop' } },
  answer: /Echo: interop/,
};

export const SERVERS: readonly PublishedServer[] = [
  { id: 'everything', ...ECHO },
  { id: 'everything-sse', ...ECHO },
  { id: 'everything-stdio', ...ECHO },
  {
    id: 'files',
    tools: ['read_text_file', 'list_directory'],
    call: { name: 'list_allowed_directories', arguments: {} },
    answer: /share/,
  },
  {
    id: 'memory',
    tools: ['read_graph', 'create_entities'],
    call: { name: 'read_graph', arguments: {} },
    answer: /entities/,
  },
  {
    id: 'debug',
    tools: ['debug-tool'],
    call: { name: 'debug-tool', arguments: {} },
    answer: /content/,
  },
];

/** What the demo company does not have yet: server-everything over HTTP+SSE, and the hosted ones. */
export class FurtherServers {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mcp-sso-interop-'));
  #sse: Child | undefined;

  /** Starts the one that is not hosted; resolves to entries of `servers:` and the policies for them. */
  async start(): Promise<{ servers: string; policies: string }> {
    const [port] = await freePorts([0]);
    this.#sse = new Child({
      name: 'everything-sse',
      args: ['--import', join(ROOT, 'dist', 'demo', 'everything', 'loopback-only.js'), EVERYTHING, 'sse'],
      env: { PATH: process.env['PATH'] ?? '', PORT: String(port) },
      cwd: this.#folder,
      logFile: join(this.#folder, 'everything-sse.log'),
    });
    await untilAnswering(this.#sse, `http://127.0.0.1:${port}/sse`, [200]);
    const url = JSON.stringify(`http://127.0.0.1:${port}/sse`);
    const memory = { MEMORY_FILE_PATH: join(this.#folder, 'memory.jsonl') };
    return {
      servers: `  everything-sse: { url: ${url}, transport: sse }
${hosted('everything-stdio', [EVERYTHING, 'stdio'])}${hosted('memory', [join(PEERS, 'server-memory', 'dist', 'index.js')], memory)}${hosted('debug', [join(PEERS, 'server-debug', 'dist', 'index.js'), '--stdio'])}`,
      policies: SERVERS.map(({ id }) => policy(id)).join(''),
    };
  }

  async stop(): Promise<void> {
    await this.#sse?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Without isolation: this is about protocols, and runs where no bubblewrap is. */
function hosted(id: string, script: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const command = JSON.stringify([process.execPath, ...script]);
  return `  ${id}: { command: ${command}, env: ${JSON.stringify(env)}, isolation: none, network: host }\n`;
}

function policy(id: string): string {
  return `@id("interop-${id}") @reason("For the test.")
permit (principal, action, resource in Mcp::Server::"${id}");
`;
}

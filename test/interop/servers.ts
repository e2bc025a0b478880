import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../demo/stack/child.js';
import { freePorts } from '../../demo/stack/ports.js';
import { untilAnswering } from '../../demo/stack/ready.js';
import { ROOT } from '../../demo/stack/root.js';
import { everythingAt } from '../support/policies.js';

const PUBLISHED = join(ROOT, 'node_modules', '@modelcontextprotocol');
const PEERS = join(ROOT, 'test', 'peers', 'node_modules', '@modelcontextprotocol');
const EVERYTHING = join(PUBLISHED, 'server-everything', 'dist', 'index.js');

/** A published MCP server behind the control plane, and one call that proves that it is the one who answers. */
export interface PublishedServer {
  readonly id: string;
  /** All that it offers to a client without capabilities; some servers offer more to others. */
  readonly tools: readonly string[];
  readonly call: { readonly name: string; readonly arguments: Readonly<Record<string, string>> };
  /** Of the result: its whole content, and what else never changes. `share` is the folder that `files` serves. */
  readonly answer: (share: string) => Readonly<Record<string, unknown>>;
}

const ECHO = {
  tools: [
    'echo',
    'get-annotated-message',
    'get-env',
    'get-resource-links',
    'get-resource-reference',
    'get-structured-content',
    'get-sum',
    'get-tiny-image',
    'gzip-file-as-resource',
    'toggle-simulated-logging',
    'toggle-subscriber-updates',
    'trigger-long-running-operation',
    'simulate-research-query',
  ],
  call: { name: 'echo', arguments: { message: 'interop' } },
  answer: () => ({ content: [text('Echo: interop')] }),
};

export const SERVERS: readonly PublishedServer[] = [
  { id: 'everything', ...ECHO },
  { id: 'everything-sse', ...ECHO },
  { id: 'everything-stdio', ...ECHO },
  {
    id: 'files',
    tools: [
      'read_file',
      'read_text_file',
      'read_media_file',
      'read_multiple_files',
      'write_file',
      'edit_file',
      'create_directory',
      'list_directory',
      'list_directory_with_sizes',
      'directory_tree',
      'move_file',
      'search_files',
      'get_file_info',
      'list_allowed_directories',
    ],
    call: { name: 'list_allowed_directories', arguments: {} },
    answer: (share) => ({ content: [text(`Allowed directories:\n${share}`)] }),
  },
  {
    id: 'memory',
    tools: [
      'create_entities',
      'create_relations',
      'add_observations',
      'delete_entities',
      'delete_observations',
      'delete_relations',
      'read_graph',
      'search_nodes',
      'open_nodes',
    ],
    call: { name: 'read_graph', arguments: {} },
    answer: () => ({
      content: [text('{\n  "entities": [],\n  "relations": []\n}')],
      structuredContent: { entities: [], relations: [] },
    }),
  },
  {
    id: 'debug',
    tools: ['debug-tool', 'debug-refresh', 'debug-log'],
    call: { name: 'debug-tool', arguments: {} },
    answer: () => ({
      content: [text('Debug text content #1'), text('Debug text content #2'), text('Debug text content #3')],
      structuredContent: { config: { contentType: 'text', multipleBlocks: true, includeMeta: true } },
    }),
  },
];

function text(said: string): Readonly<Record<string, string>> {
  return { type: 'text', text: said };
}

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
      policies: SERVERS.map(({ id }) => everythingAt(id)).join(''),
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

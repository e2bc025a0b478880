import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { MODERN_VERSION } from '#shared/mcp/meta.js';

/** What arrived: header lines as they were, and the body. */
export interface Captured {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** An MCP server of 2026-07-28 that keeps every byte of what it is asked; any tool that is called says `done`. */
export class CapturingUpstream implements AsyncDisposable {
  readonly captured: Captured[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<CapturingUpstream> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CapturingUpstream(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/mcp`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const headers = request.rawHeaders.flatMap((name, at, all) =>
      at % 2 === 0 ? [[name.toLowerCase(), all[at + 1] ?? ''] as const] : [],
    );
    this.captured.push({ headers, body });
    const { id, method } = JSON.parse(body || '{}') as { id?: unknown; method?: string };
    const answer = { jsonrpc: '2.0', id, result: { resultType: 'complete', ...resultOf(method) } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
}

function resultOf(method: string | undefined): object {
  if (method === 'server/discover') return { supportedVersions: [MODERN_VERSION], capabilities: { tools: {} } };
  if (method === 'tools/list') return { tools: [{ name: 'look', inputSchema: { type: 'object' } }] };
  return { content: [{ type: 'text', text: 'done' }] };
}

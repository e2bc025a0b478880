import { createServer, type ServerResponse } from 'node:http';
import { MODERN_VERSION } from '#shared/mcp/meta.js';

/**
 * An MCP server of 2026-07-28 that answers as fast as Node can: every tool call with the same small text, the tool
 * `large` with 5 MB. Listens on PORT, any path.
 */
const TOOLS = Array.from({ length: 20 }, (_, index) => ({
  name: `tool_${String(index).padStart(2, '0')}`,
  description: `Does the thing number ${index} to one record and says how it went.`,
  inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
}));
const CACHED = { ttlMs: 0, cacheScope: 'private' };
const RESULTS: Readonly<Record<string, string>> = {
  'server/discover': JSON.stringify({
    resultType: 'complete',
    supportedVersions: [MODERN_VERSION],
    capabilities: { tools: {} },
    serverInfo: { name: 'bench', version: '1' },
    ...CACHED,
  }),
  'tools/list': JSON.stringify({ resultType: 'complete', tools: TOOLS, ...CACHED }),
  'tools/call': JSON.stringify({ resultType: 'complete', content: [{ type: 'text', text: 'done' }] }),
};
const LARGE = JSON.stringify({ resultType: 'complete', content: [{ type: 'text', text: 'x'.repeat(5_000_000) }] });

createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => answer(body, response));
}).listen(Number(process.env['PORT']), '127.0.0.1', () => process.send?.('ready'));

function answer(body: string, response: ServerResponse): void {
  const { id, method, params } = JSON.parse(body) as { id: unknown; method: string; params?: { name?: string } };
  const result = params?.name === 'large' ? LARGE : RESULTS[method];
  const text =
    result === undefined
      ? `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":{"code":-32601,"message":"unknown"}}`
      : `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

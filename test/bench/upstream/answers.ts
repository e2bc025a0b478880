import { MODERN_VERSION } from '#shared/mcp/meta.js';

/** What the bench's MCP server says, over HTTP and over stdio: 20 tools, of which `large` has 5 MB to give. */
const TOOLS = Array.from({ length: 20 }, (_, index) => ({
  name: `tool_${String(index).padStart(2, '0')}`,
  description: `Does the thing number ${index} to one record and says how it went.`,
  inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
}));
const CACHED = { ttlMs: 0, cacheScope: 'private' };
const IDENTITY = { capabilities: { tools: {} }, serverInfo: { name: 'bench', version: '1' } };
const RESULTS: Readonly<Record<string, string>> = {
  'server/discover': JSON.stringify({
    resultType: 'complete',
    supportedVersions: [MODERN_VERSION],
    ...IDENTITY,
    ...CACHED,
  }),
  initialize: JSON.stringify({ protocolVersion: '2025-11-25', ...IDENTITY }),
  ping: '{}',
  'tools/list': JSON.stringify({ resultType: 'complete', tools: TOOLS, ...CACHED }),
  'tools/call': JSON.stringify({ resultType: 'complete', content: [{ type: 'text', text: 'done' }] }),
};
const LARGE = JSON.stringify({ resultType: 'complete', content: [{ type: 'text', text: 'x'.repeat(5_000_000) }] });

interface Message {
  readonly id?: unknown;
  readonly method: string;
  readonly params?: { readonly name?: string };
}

/** The answer to one message, as JSON text; undefined to a notification. */
export function answerTo(
  { id, method, params }: Message,
  known: readonly string[] = Object.keys(RESULTS),
): string | undefined {
  if (id === undefined) return undefined;
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)}`;
  const result = params?.name === 'large' ? LARGE : known.includes(method) ? RESULTS[method] : undefined;
  if (result === undefined) return `${head},"error":{"code":-32601,"message":"Method not found"}}`;
  return `${head},"result":${result}}`;
}

import { expect } from 'vitest';
import type { Era } from '#shared/mcp/meta.js';
import { LegacyClient } from './legacy-client.js';
import { postModern } from './mcp-post.js';

export const CAPABILITIES = { sampling: {}, elicitation: { form: {}, url: {} }, roots: {} };
/** What `_meta` of a request must hold at a modern server, beside what the client put there. */
export const ENVELOPES = {
  legacy: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'old', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
  },
  modern: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'Test\u0007 Client', version: '1.0' },
    'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
  },
};

interface Client {
  /** Everything on the stream of the request but its envelope; the response last. */
  readonly ask: (method: string, params: Record<string, unknown>) => Promise<object[]>;
  /** What servers asked of it. */
  readonly asked: object[];
}

/** `answer`: to each request of a server. */
export async function clientOf(era: Era, url: string, answer?: object): Promise<Client> {
  const asked: object[] = [];
  if (era === 'legacy') {
    const onRequest = ({ method, params }: object & { method?: string; params?: object }): object => {
      asked.push({ method, params });
      return { result: answer };
    };
    const client = await LegacyClient.open(url, { capabilities: CAPABILITIES, onRequest });
    return {
      asked,
      ask: async (...request) =>
        bare((await client.ask(...request)).filter(({ method, id }) => !method || id === undefined)),
    };
  }
  const ask: Client['ask'] = async (method, params) => {
    const meta = { ...(params['_meta'] as object | undefined), ...ENVELOPES.modern };
    const { messages } = await postModern(url, method, { ...params, _meta: meta });
    const result = messages.at(-1)?.['result'] as Record<string, unknown> | undefined;
    if (result?.['resultType'] !== 'input_required') return bare(messages);
    const [[key, question] = ['', {}]] = Object.entries(result['inputRequests'] as Record<string, object>);
    asked.push(question);
    const { requestState } = result;
    return await ask(method, { ...params, inputResponses: { [key]: answer }, requestState });
  };
  return { asked, ask };
}

/** Without what belongs to the hop: the id and the version of JSON-RPC. */
function bare(messages: readonly object[]): object[] {
  return messages.map((message) => {
    const { jsonrpc, id: _id, ...rest } = message as Record<string, unknown>;
    expect(jsonrpc).toBe('2.0');
    return rest;
  });
}

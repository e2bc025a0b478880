import { expect, test, vi } from 'vitest';
import { LegacyClient } from './testing/legacy-client.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendResult, UpstreamServer } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;
const SURE = { action: 'accept', content: { sure: true } };
const UNKNOWN = {
  message:
    'The MCP server asked for input and could not be reached with it. It is not known whether the call took effect.',
  data: { code: 'outcome_unknown' },
};

/** A modern server that asks for input, and is gone before it can be told. */
async function askingServer(): Promise<{ server: UpstreamServer; gateway: OpenGateway }> {
  const server = await UpstreamServer.modern((request, response) => {
    const question = {
      method: 'elicitation/create',
      params: { message: 'Sure?', requestedSchema: { type: 'object' } },
    };
    const input = { resultType: 'input_required', inputRequests: { sure: question }, requestState: 'mine' };
    const list = { resultType: 'complete', tools: [{ name: 'ask', inputSchema: { type: 'object' } }] };
    sendResult(response, request, request.message.method === 'tools/call' ? input : list);
  });
  const gateway = await OpenGateway.open({ policies: POLICIES, servers: { asking: { url: server.url } } });
  return { server, gateway };
}

test('a server that has asked a legacy client and is gone then: the outcome of the call is not known', async () => {
  const { server, gateway } = await askingServer();
  await using _gateway = gateway;
  const client = await LegacyClient.open(`${gateway.url}/mcp/asking`, {
    capabilities: { elicitation: {} },
    onRequest: async () => {
      await server[Symbol.asyncDispose]();
      return { result: SURE };
    },
  });
  expect((await client.ask('tools/call', { name: 'ask' })).at(-1)).toMatchObject({ error: UNKNOWN });
});

test('the same with a modern client: its retry was not sent, and its call was', async () => {
  const { server, gateway } = await askingServer();
  await using _gateway = gateway;
  const call = async (more: object) => {
    const meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } } };
    return (await postModern(`${gateway.url}/mcp/asking`, 'tools/call', { name: 'ask', _meta: meta, ...more })).message;
  };
  const requestState = (await call({})).result?.['requestState'];
  await server[Symbol.asyncDispose]();
  expect(await call({ requestState, inputResponses: { sure: SURE } })).toMatchObject({ error: UNKNOWN });
});

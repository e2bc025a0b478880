import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { callsAtCrm } from '../support/crm-log.js';
import { connectClient, fetchAs } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
let alice: SignedIn;
let bob: SignedIn;
let mcp: string;

beforeAll(async () => {
  alice = await signIn(stack(), 'alice');
  bob = await signIn(stack(), 'bob');
  mcp = `${stack().addresses.publicUrl}/mcp`;
});

describe.each(['legacy', 'auto'] as const)('an MCP SDK v2 client in mode %s', (mode) => {
  it.each(['/mcp', '/mcp/crm'])('lists, calls, reads and prompts at %s', async (path) => {
    const client = await connectClient(stack().addresses.publicUrl + path, alice, mode);
    const aggregated = path === '/mcp';
    expect(client.getProtocolEra()).toBe(mode === 'auto' ? 'modern' : 'legacy');
    const tool = aggregated ? 'crm__get_customer' : 'get_customer';
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain(tool);
    expect(JSON.stringify(await client.callTool({ name: tool, arguments: { id: 'c-1' } }))).toContain('Nordwind');
    const uri = aggregated ? 'mcp.crm+crm://customers' : 'crm://customers';
    expect(JSON.stringify(await client.readResource({ uri }))).toContain('Fabrikam');
    const prompt = await client.getPrompt({
      name: aggregated ? 'crm__visit' : 'visit',
      arguments: { customer: 'c-3' },
    });
    expect(JSON.stringify(prompt)).toContain('c-3');
    await client.close();
  });

  it('gets progress while a call runs', async () => {
    const client = await connectClient(`${mcp}/everything`, alice, mode);
    const seen: number[] = [];
    const result = await client.callTool(
      { name: 'trigger-long-running-operation', arguments: { duration: 0.6, steps: 3 } },
      { onprogress: ({ progress }) => seen.push(progress) },
    );
    expect(result.isError ?? false).toBe(false);
    expect(seen.length).toBeGreaterThanOrEqual(2);
    await client.close();
  });

  it('can cancel a call', async () => {
    const client = await connectClient(`${mcp}/everything`, alice, mode);
    const abort = new AbortController();
    const running = client.callTool(
      { name: 'trigger-long-running-operation', arguments: { duration: 30, steps: 30 } },
      { signal: abort.signal, onprogress: () => abort.abort() },
    );
    await expect(running).rejects.toThrow(/abort/i);
    expect((await client.callTool({ name: 'echo', arguments: { message: 'still here' } })).isError ?? false).toBe(
      false,
    );
    await client.close();
  });

  it('gets a denial as a result', async () => {
    const client = await connectClient(mcp, bob, mode);
    const result = await client.callTool({ name: 'crm__add_customer', arguments: { name: 'x', city: 'y' } });
    expect(result.isError).toBe(true);
    expect(callsAtCrm(stack())).not.toContain('add_customer');
    await client.close();
  });
});

describe('an MCP SDK v1 client of 2025-11-25', () => {
  it('lists and calls', async () => {
    const client = new ClientV1({ name: 'old-app', version: '0.9.0' });
    // The SDK's own transport does not fit its own interface under exactOptionalPropertyTypes.
    const transport = new TransportV1(new URL(mcp), { fetch: fetchAs(alice) }) as Parameters<typeof client.connect>[0];
    await client.connect(transport);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('crm__list_customers');
    expect(JSON.stringify(await client.callTool({ name: 'crm__list_customers', arguments: {} }))).toContain('Tailspin');
    await client.close();
  });
});

import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Customers } from './customers.js';

/** What one request brought along, for the tools that report it. */
export interface Seen {
  readonly apiKey: string;
  /** Names of the identity-related headers, lower-case. */
  readonly headers: readonly string[];
}

/** The CRM's MCP server, made anew for each request. `descriptions`: what it says of `list_customers` otherwise. */
export function createCrm(
  customers: Customers,
  seen: Seen,
  descriptions: ReadonlyMap<string, string> = new Map(),
): McpServer {
  const server = new McpServer(
    { name: 'demo-crm', version: '1.0.0' },
    { instructions: 'Customers of the demo company.' },
  );
  addTools(server, customers, descriptions.get('list_customers') ?? 'Every customer of the company.');
  addReports(server, seen);
  server.registerResource(
    'customers',
    'crm://customers',
    { title: 'All customers', mimeType: 'application/json' },
    (uri) => ({ contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(customers.list()) }] }),
  );
  server.registerPrompt(
    'visit',
    {
      title: 'Plan a visit',
      description: 'Prepare a visit to a customer.',
      argsSchema: z.object({ customer: z.string() }),
    },
    ({ customer }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `Prepare a visit to the customer ${customer}.` } }],
    }),
  );
  return server;
}

function addTools(server: McpServer, customers: Customers, listing: string): void {
  server.registerTool(
    'list_customers',
    { title: 'List customers', description: listing, annotations: { readOnlyHint: true } },
    () => text(JSON.stringify(customers.list())),
  );
  server.registerTool(
    'get_customer',
    {
      title: 'Show a customer',
      description: 'One customer by id.',
      inputSchema: z.object({ id: z.string() }),
      annotations: { readOnlyHint: true },
    },
    ({ id }) => {
      const customer = customers.find(id);
      return customer ? text(JSON.stringify(customer)) : unknownCustomer(id);
    },
  );
  server.registerTool(
    'add_customer',
    {
      title: 'Add a customer',
      description: 'Adds a customer to the CRM.',
      inputSchema: z.object({ name: z.string().min(1), city: z.string().min(1) }),
      annotations: { readOnlyHint: false, destructiveHint: false },
    },
    ({ name, city }) => text(JSON.stringify(customers.add(name, city))),
  );
  server.registerTool(
    'delete_customer',
    {
      title: 'Delete a customer',
      description: 'Deletes a customer for good.',
      inputSchema: z.object({ id: z.string() }),
      annotations: { readOnlyHint: false, destructiveHint: true },
    },
    ({ id }) => {
      const customer = customers.delete(id);
      return customer ? text(`${customer.name} is deleted.`) : unknownCustomer(id);
    },
  );
}

/** `whoami` shows what a caller's identity looks like from here; `debug_dump` is the careless tool that every company has. */
function addReports(server: McpServer, seen: Seen): void {
  server.registerTool(
    'whoami',
    {
      title: 'Which identity headers arrived',
      description: 'Names of the identity-related headers of this request.',
      annotations: { readOnlyHint: true },
    },
    () => text(JSON.stringify({ headers: seen.headers })),
  );
  server.registerTool(
    'debug_dump',
    {
      title: 'Debug dump',
      description: 'Dumps the server’s state, API key included. A flaw on purpose: the control plane must mask it.',
      annotations: { readOnlyHint: true },
    },
    () => text(dump(seen.apiKey)),
  );
}

function dump(apiKey: string): string {
  const key = Buffer.from(apiKey);
  return JSON.stringify({
    raw: apiKey,
    base64: key.toString('base64'),
    basic: Buffer.from(`crm:${apiKey}`).toString('base64'),
    hex: key.toString('hex'),
    url: encodeURIComponent(apiKey),
  });
}

function unknownCustomer(id: string) {
  return { ...text(`There is no customer ${id}.`), isError: true };
}

function text(content: string) {
  return { content: [{ type: 'text' as const, text: content }] };
}

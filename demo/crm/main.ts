// The demo CRM: an MCP server that knows no people, only its API key.
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { localhostHostValidation, toNodeHandler } from '@modelcontextprotocol/node';
import { required } from '../environment.js';
import { Customers } from './customers.js';
import { logRequest } from './request-log.js';
import { createCrm } from './server.js';

const KEY_HEADER = 'x-api-key';
const IDENTITY_HEADER = /^(authorization|cookie|dpop|x-api-key|forwarded|x-forwarded-.*|x-real-ip|mcp-.*)$/;
const LARGEST_BODY = 1_000_000;

/** What a tool is said to do from now on; what it was said to do at first without a description. */
interface DescribeTool {
  readonly id: number;
  readonly tool: string;
  readonly description?: string;
}

const port = Number(required('PORT'));
const apiKey = required('CRM_API_KEY');
const log = required('REQUEST_LOG');
const customers = new Customers();
/** Told over Node's IPC, and by nothing else. */
const descriptions = new Map<string, string>();
const handler = toNodeHandler(
  createMcpHandler((context) => {
    const headers = [...(context.requestInfo?.headers.keys() ?? [])].filter((name) => IDENTITY_HEADER.test(name));
    return createCrm(customers, { apiKey, headers }, descriptions);
  }),
);
const isLocal = localhostHostValidation();

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
server.listen(port, '127.0.0.1', () => console.log(`crm on port ${port}`));
process.on('message', ({ id, tool, description }: DescribeTool) => {
  if (description === undefined) descriptions.delete(tool);
  else descriptions.set(tool, description);
  process.send?.({ done: id });
});
process.on('disconnect', () => process.exit(0));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isLocal(request, response)) return;
  const body = await bodyOf(request);
  const authorised = isKey(request.headers[KEY_HEADER]);
  logRequest(log, authorised, Object.keys(request.headers), body);
  if (!authorised) {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: `Send the API key of this server in ${KEY_HEADER}.` }));
    return;
  }
  // Node always sets both on a server's request; the handler's types want to see it.
  await handler(request as IncomingMessage & { method: string; url: string }, response, parsed(body));
}

function isKey(value: string | string[] | undefined): boolean {
  if (typeof value !== 'string') return false;
  const [given, expected] = [Buffer.from(value), Buffer.from(apiKey)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > LARGEST_BODY) throw new Error('The request is too large.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Not JSON stays text, which the handler answers with its own parse error. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

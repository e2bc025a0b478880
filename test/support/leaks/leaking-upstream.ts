import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import {
  sendJson,
  sendResult,
  UpstreamServer,
  type SeenRequest,
} from '../../../control-plane/gateway/testing/upstream-server.js';
import { asManyAsFit, writtenForms } from './written-forms.js';

export const LEAKING_TOOLS = ['result', 'failure', 'error', 'stream', 'redirect', 's400', 's401', 's403', 's500'];

const ORDINARY =
  /^(host|connection|content-.*|accept.*|user-agent|mcp-(?!sso).*|traceparent|tracestate|sec-.*|origin|last-event-id|cache-control|transfer-encoding)$/;
/** Five headers of this length stay below the 16 KiB that an HTTP client takes. */
const MAX_HEADER = 1500;
const DISCOVERED = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
const CAPABILITIES = { tools: { listChanged: true }, prompts: {}, resources: {}, logging: {} };

/** MCP servers that say every credential they get, in every way that there is. A path with `legacy` is of 2025-11-25. */
export class LeakingUpstream implements AsyncDisposable {
  /** Whatever came with requests beside what each request has. */
  readonly received = new Set<string>();
  #server!: UpstreamServer;

  static async start(): Promise<LeakingUpstream> {
    const upstream = new LeakingUpstream();
    upstream.#server = await UpstreamServer.open((request, response) => upstream.#answer(request, response));
    return upstream;
  }

  /** What named the person who called. */
  assertions(): string[] {
    return this.#server.seen.flatMap(({ headers }) => headers['mcp-sso-assertion'] ?? []).flat();
  }

  url(server: string): string {
    return `${new URL(this.#server.url).origin}/${server}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  async #answer(request: SeenRequest, response: ServerResponse): Promise<void> {
    const credentials = credentialsOf(request.url, request.headers);
    for (const credential of credentials) this.received.add(credential);
    const said = credentials.flatMap(writtenForms).join(' | ');
    const short = asManyAsFit(credentials, MAX_HEADER);
    for (const name of ['set-cookie', 'www-authenticate', 'x-echo', 'warning', 'link']) {
      response.setHeader(name, `Bearer error_description="${short}"`);
    }
    const { method, id } = request.message;
    const legacy = request.url.startsWith('/legacy');
    if (request.httpMethod === 'GET') return legacy ? listen(response, said) : void response.writeHead(405).end(said);
    if (request.httpMethod !== 'POST') return void response.writeHead(405).end(said);
    if (id === undefined) return void response.writeHead(202).end();
    if (legacy && method === 'server/discover') return void response.writeHead(400).end(said);
    if (method === 'tools/call') return await call(request, response, said, credentials.at(-1) ?? '');
    const result = resultOf(method, said, credentials.at(-1) ?? '');
    if (result) return sendResult(response, request, result);
    return sendJson(response, 200, rpcError(id, -32601, said));
  }
}

/** Also the parts of what is made of parts, as a server takes it apart. */
function credentialsOf(url: string, headers: IncomingHttpHeaders): string[] {
  const values = Object.entries(headers).flatMap(([name, value]) => (ORDINARY.test(name) ? [] : [String(value)]));
  const parameters = [...new URL(url, 'http://x').searchParams.values()];
  const tokens = values.map((value) => /^(?:[A-Za-z]+ +|\w+=)(.+)$/.exec(value)?.[1] ?? value);
  const pairs = values.filter((value) => value.startsWith('Basic ')).map((value) => decoded(value.slice(6)));
  const passwords = pairs.map((pair) => pair.slice(pair.indexOf(':') + 1));
  return [...new Set([...values, ...parameters, ...tokens, ...pairs, ...passwords])];
}

const decoded = (text: string): string => Buffer.from(text, 'base64').toString();

function resultOf(method: string | undefined, said: string, last: string): object | undefined {
  const about = { title: last, description: said };
  const text = { type: 'text', text: said };
  const results: Record<string, object> = {
    'server/discover': { supportedVersions: ['2026-07-28'], capabilities: CAPABILITIES, instructions: said },
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: CAPABILITIES,
      instructions: said,
      serverInfo: { name: 'leaking', version: '1', title: said },
    },
    'tools/list': {
      tools: LEAKING_TOOLS.map((name) => ({
        name,
        title: last,
        description: said,
        annotations: { title: last },
        inputSchema: { type: 'object', properties: { q: { type: 'string', description: last } } },
        _meta: { 'example.com/said': last },
      })),
    },
    'prompts/list': { prompts: [{ name: 'ask', ...about, arguments: [{ name: 'q', description: said }] }] },
    'prompts/get': { description: said, messages: [{ role: 'user', content: text }] },
    'resources/list': { resources: [{ uri: 'leak://one', name: 'one', ...about }] },
    'resources/templates/list': { resourceTemplates: [{ uriTemplate: 'leak://{q}', name: 'two', ...about }] },
    'resources/read': {
      contents: [
        { uri: 'leak://one', text: said },
        { uri: 'leak://one', blob: Buffer.from(last).toString('base64') },
      ],
    },
    ping: {},
    'logging/setLevel': {},
  };
  const result = method === undefined ? undefined : results[method];
  return result && { ...DISCOVERED, ...result };
}

async function call(request: SeenRequest, response: ServerResponse, said: string, last: string): Promise<void> {
  const { id, params } = request.message;
  const name = String(params?.['name']);
  const status = /^s(\d+)$/.exec(name)?.[1];
  if (status !== undefined) return sendJson(response, Number(status), rpcError(id, -32000, said));
  if (name === 'redirect') {
    const elsewhere = `http://localhost:9/${asManyAsFit(said.split(' | ').map(encodeURIComponent), MAX_HEADER)}`;
    return void response.writeHead(307, { location: elsewhere }).end(said);
  }
  if (name === 'error') return sendJson(response, 200, rpcError(id, -32000, said));
  const content = [
    { type: 'text', text: said },
    { type: 'resource', resource: { uri: 'leak://one', blob: Buffer.from(last).toString('base64') } },
  ];
  const result = { ...DISCOVERED, content, structuredContent: { said: [said] }, isError: name === 'failure' };
  if (name !== 'stream') return sendResult(response, request, result);
  const streamed = writtenForms(last).join(' | ');
  const progressToken = (params?.['_meta'] as Record<string, unknown> | undefined)?.['progressToken'];
  const progress = { progressToken, progress: 1, message: streamed };
  const events = [
    ...(progressToken === undefined ? [] : [{ method: 'notifications/progress', params: progress }]),
    { method: 'notifications/message', params: { level: 'error', logger: 'leak', data: { streamed } } },
    { id, result: { ...DISCOVERED, content: [{ type: 'text', text: streamed }] } },
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.socket?.setNoDelay(true);
  for (const event of events) await byteByByte(response, `data: ${JSON.stringify({ jsonrpc: '2.0', ...event })}\n\n`);
  response.end();
}

/** So that every secret is cut at each of its bytes. */
async function byteByByte(response: ServerResponse, text: string): Promise<void> {
  for (const byte of Buffer.from(text)) {
    response.write(Buffer.of(byte));
    await turn();
  }
}

function listen(response: ServerResponse, said: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const events = [
    { method: 'notifications/message', params: { level: 'error', data: said } },
    { method: 'notifications/tools/list_changed', params: { _meta: { 'example.com/said': said } } },
    { method: 'notifications/resources/updated', params: { uri: `leak://${encodeURIComponent(said)}` } },
  ];
  for (const event of events) response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...event })}\n\n`);
}

function rpcError(id: unknown, code: number, said: string): object {
  return { jsonrpc: '2.0', id, error: { code, message: said, data: { said } } };
}

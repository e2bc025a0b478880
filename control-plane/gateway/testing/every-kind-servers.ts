import type { ServerResponse } from 'node:http';
import { sendJson, UpstreamServer, type SeenRequest } from './upstream-server.js';

/** What a server of either era says to one request, in the form that both eras share. */
interface Said {
  /** Said on the stream of the request, before the result. */
  readonly events?: readonly object[];
  /** Asked of the client first: a request of a legacy server, `input_required` of a modern one. */
  readonly question?: object;
  /** Pages of a list; the cursor of the second is `two`. */
  readonly pages?: readonly object[];
  /** Without one, the client's answer to the question as text, or nothing at all. */
  readonly result?: object;
  /** The answer's connection has closed. */
  readonly closed?: () => void;
}

/** By method; a tool call by the name of the tool. */
export type Script = Readonly<Record<string, Said>>;

const CAPABILITIES = { tools: {}, resources: {}, prompts: {}, completions: {}, logging: {} };
const MODERN_ONLY = { resultType: 'complete', ttlMs: 5, cacheScope: 'public' };

/** Speaks 2025-06-18 and keeps a session. */
export function openLegacy(script: Script): Promise<UpstreamServer> {
  let answered: ((message: SeenRequest['message']) => void) | undefined;
  return UpstreamServer.open(async (request, response) => {
    const { message, httpMethod } = request;
    const { method, id } = message;
    if (method === 'server/discover' || httpMethod === 'GET') response.writeHead(404).end();
    else if (method === undefined || id === undefined) {
      if (id === 'q') answered?.(message);
      response.writeHead(202).end();
    } else if (method === 'initialize') {
      const result = { protocolVersion: '2025-06-18', capabilities: CAPABILITIES, serverInfo: { name: 'old' } };
      sendJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': 's1' });
    } else {
      const said = saidTo(script, message);
      if (said.question === undefined) return finish(response, message, said, said.result);
      begin(response, said, { id: 'q', ...said.question });
      const { result } = await new Promise<SeenRequest['message']>((resolve) => (answered = resolve));
      finish(response, message, {}, asText(result));
    }
    return undefined;
  });
}

/** Speaks 2026-07-28. */
export function openModern(script: Script): Promise<UpstreamServer> {
  return UpstreamServer.open(({ message }, response) => {
    const { method, id, params } = message;
    if (id === undefined) return void response.writeHead(202).end();
    if (method === 'server/discover') {
      const result = { ...MODERN_ONLY, supportedVersions: ['2026-07-28'], capabilities: CAPABILITIES };
      return finish(response, message, {}, result);
    }
    const said = saidTo(script, message);
    const answers = params?.['inputResponses'] as { key: unknown } | undefined;
    if (said.question === undefined) {
      return finish(response, message, said, said.result && { ...modernMembers(method), ...said.result });
    }
    const asked = { resultType: 'input_required', inputRequests: { key: said.question }, requestState: 'state' };
    return finish(response, message, {}, answers ? { resultType: 'complete', ...asText(answers.key) } : asked);
  });
}

function modernMembers(method: string | undefined): object {
  return /list$|read$/.test(method ?? '') ? MODERN_ONLY : { resultType: 'complete' };
}

function saidTo(script: Script, { method = '', params }: SeenRequest['message']): Said {
  const said = script[method === 'tools/call' ? String(params?.['name']) : method] ?? { result: {} };
  const page = said.pages?.[params?.['cursor'] === 'two' ? 1 : 0];
  return page === undefined ? said : { ...said, result: page };
}

function asText(answer: unknown): object {
  return { content: [{ type: 'text', text: JSON.stringify(answer) }] };
}

function begin(response: ServerResponse, { events = [] }: Said, ...more: object[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const message of [...events, ...more]) write(response, message);
}

function finish(response: ServerResponse, { id }: SeenRequest['message'], said: Said, result?: object): void {
  if (said.closed) response.once('close', said.closed);
  if (!response.headersSent && said.events === undefined && result !== undefined) {
    return sendJson(response, 200, { jsonrpc: '2.0', id, result });
  }
  if (!response.headersSent) begin(response, said);
  if (result !== undefined) response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
  return undefined;
}

function write(response: ServerResponse, message: object): void {
  response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
}

import { modernHeaders } from '#shared/mcp/headers.js';

const DATA = 'data: ';

export interface Posted {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON-RPC messages of the answer: one, or those of the event stream. */
  readonly messages: Record<string, unknown>[];
  /** The last message. */
  readonly message: Message;
}

interface Message {
  readonly id?: unknown;
  readonly result?: Record<string, unknown> & { content?: { text: string }[]; isError?: boolean };
  readonly error?: { code: number; message: string; data?: Record<string, unknown> };
}

export interface PostOptions {
  readonly as?: string | undefined;
  readonly id?: string | number;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'Test\u0007 Client', version: '1.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A modern request, as a conforming client sends it. */
export function modernRequest(
  method: string,
  params: Record<string, unknown> = {},
  id: string | number = 1,
): { jsonrpc: '2.0'; id: string | number; method: string; params: Record<string, unknown> } {
  const meta = { ...ENVELOPE, ...(params['_meta'] as object | undefined) };
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } };
}

export async function sendModern(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  { as = 'alice', id, headers, signal }: PostOptions = {},
): Promise<Response> {
  const message = modernRequest(method, params, id);
  return await fetch(url, {
    method: 'POST',
    headers: { ...modernHeaders(message), authorization: `Bearer ${as}`, ...headers },
    body: JSON.stringify(message),
    ...(signal ? { signal } : {}),
  });
}

export async function postModern(
  url: string,
  method: string,
  params?: Record<string, unknown>,
  options?: PostOptions,
): Promise<Posted> {
  return await read(await sendModern(url, method, params, options));
}

/** Any body under any headers. */
export async function postRaw(url: string, body: string, headers: Record<string, string>): Promise<Posted> {
  return await read(await fetch(url, { method: 'POST', headers, body }));
}

export async function read(response: Response): Promise<Posted> {
  const text = await response.text();
  const events = response.headers.get('content-type')?.startsWith('text/event-stream');
  const bodies = events ? dataOf(text) : [text];
  const messages = bodies.filter((body) => body !== '').map((body) => JSON.parse(body) as Record<string, unknown>);
  return { status: response.status, headers: response.headers, text, messages, message: messages.at(-1) ?? {} };
}

/** By lines: an expression over megabytes can run out of stack. */
function dataOf(events: string): string[] {
  const lines = events.split('\n').filter((line) => line.startsWith(DATA));
  return lines.map((line) => line.slice(DATA.length).trimEnd());
}

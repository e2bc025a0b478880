import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { localhostHostValidation, localhostOriginValidation } from '@modelcontextprotocol/node';
import { hasEnvelope } from '#shared/mcp/eras.js';
import { HEADERS, mismatchedHeader } from '#shared/mcp/headers.js';
import type { JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { MODERN_VERSION } from '#shared/mcp/meta.js';
import { LegacySession } from './legacy-session.js';
import { LineProcess, type CommandLine } from './line-process.js';
import { answer, exchange } from './modern-exchange.js';

/**
 * Streamable HTTP on loopback in front of a stdio server, for programs that speak HTTP only: one process for each
 * legacy session, and one for each modern request that is under way.
 */
export class StdioFront {
  readonly #commandLine: CommandLine;
  readonly #sessions = new Map<string, LegacySession>();
  readonly #idle: LineProcess[] = [];
  readonly #all: LineProcess[] = [];
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });

  constructor(commandLine: CommandLine) {
    this.#commandLine = commandLine;
  }

  /** Resolves with the address of its MCP endpoint. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/mcp`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.all(this.#all.map((process) => process.end()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!localhostHostValidation()(request, response) || !localhostOriginValidation()(request, response)) return;
    const id = request.headers[HEADERS.session];
    if (request.method === 'POST') {
      const message = (await json(request)) as JsonRpcRequest;
      if (isModern(request, message)) await this.#modern(message, request, response);
      else this.#legacy(message, id, response);
      return;
    }
    const session = typeof id === 'string' ? this.#sessions.get(id) : undefined;
    if (session === undefined) response.writeHead(404).end();
    else if (request.method === 'GET') session.listen(response);
    else await this.#end(String(id), session, response);
  }

  #legacy(message: JsonRpcRequest, id: unknown, response: ServerResponse): void {
    if (id === undefined && message.method === 'initialize') {
      const created = randomUUID();
      const session = new LegacySession(created, this.#start());
      this.#sessions.set(created, session);
      session.post(message, response);
      return;
    }
    const session = typeof id === 'string' ? this.#sessions.get(id) : undefined;
    if (session === undefined) response.writeHead(id === undefined ? 400 : 404).end();
    else session.post(message, response);
  }

  async #modern(message: JsonRpcRequest, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const header = hasEnvelope(message.params) ? mismatchedHeader(request.headers, message) : undefined;
    if (header !== undefined) {
      const error = { code: -32020, message: `${header} does not match the body.` };
      answer(response, { jsonrpc: '2.0', id: message.id, error });
      return;
    }
    const process = this.#idle.pop() ?? this.#start();
    const free = await exchange(message, process, response);
    if (free) this.#idle.push(process);
    else await process.end();
  }

  async #end(id: string, session: LegacySession, response: ServerResponse): Promise<void> {
    this.#sessions.delete(id);
    await session.end();
    response.writeHead(200).end();
  }

  #start(): LineProcess {
    const process = new LineProcess(this.#commandLine);
    this.#all.push(process);
    return process;
  }
}

function isModern({ headers }: IncomingMessage, { params }: JsonRpcRequest): boolean {
  const version = headers[HEADERS.protocolVersion];
  return hasEnvelope(params) || (typeof version === 'string' && version >= MODERN_VERSION);
}

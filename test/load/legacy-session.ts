import { HEADERS } from '#shared/mcp/headers.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { LEGACY_VERSIONS } from '#shared/mcp/meta.js';
import { aggregateName } from '#shared/mcp/names.js';
import type { HttpSession } from './http-session.js';
import type { LoadSession } from './load-session.js';
import { messagesIn } from './message-stream.js';
import { homeOf, paramsOf, responseOf, TOOL, wordFor, type StreamedCall } from './streamed-call.js';

const CLIENT = { capabilities: { elicitation: {} }, clientInfo: { name: 'load', version: '1' } };
const [VERSION] = LEGACY_VERSIONS;

export interface LegacyOptions {
  readonly aggregated: boolean;
  /** Keeps the session's GET stream open. */
  readonly listens: boolean;
}

/** A client of 2025-11-25: a session, questions on the stream of the call, and a stream for what belongs to no call. */
export class LegacySession implements LoadSession {
  readonly homes = new Set<string>();
  readonly stray: string[] = [];
  readonly #headers: Record<string, string> = { [HEADERS.protocolVersion]: VERSION };
  #listening: Promise<void> = Promise.resolve();
  #closing = false;

  private constructor(
    readonly name: string,
    private readonly http: HttpSession,
    private readonly options: LegacyOptions,
  ) {}

  static async open(name: string, http: HttpSession, options: LegacyOptions): Promise<LegacySession> {
    const session = new LegacySession(name, http, options);
    await session.#initialize();
    if (options.listens) session.#listening = session.#listen();
    return session;
  }

  async make(call: StreamedCall): Promise<void> {
    const toolName = this.options.aggregated ? aggregateName(call.server, TOOL) : TOOL;
    const message = { jsonrpc: '2.0', id: call.name, method: 'tools/call', params: paramsOf(call, toolName) };
    const carried = await this.http.post(call, message, this.#headers, (question) => void this.#answer(question));
    const home = homeOf(responseOf(carried));
    if (home !== undefined) this.homes.add(home);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const { body } = await this.http.send('DELETE', this.#headers);
    await body.dump();
    await this.#listening;
  }

  async signOut(): Promise<void> {
    await this.http.signOut();
  }

  async #initialize(): Promise<void> {
    const params = { protocolVersion: VERSION, ...CLIENT };
    const { headers, body, statusCode } = await this.http.send('POST', {}, request('initialize', params));
    const session = headers[HEADERS.session];
    const answer = await body.text();
    if (typeof session !== 'string') throw new Error(`${this.name} got no session: ${statusCode} ${answer}`);
    this.#headers[HEADERS.session] = session;
    const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
    await (await this.http.send('POST', this.#headers, initialized)).body.dump();
  }

  /** Upstreams say on it whose stream it is; all else that may come is that lists have changed. */
  async #listen(): Promise<void> {
    try {
      const { headers, body } = await this.http.send('GET', this.#headers);
      for await (const message of messagesIn(body, headers['content-type'])) this.#hear(message);
      if (!this.#closing) this.stray.push('its stream ended');
    } catch (error) {
      if (!this.#closing) this.stray.push(`its stream broke: ${String(error)}`);
    }
  }

  #hear(message: JsonObject): void {
    const { method, params } = message;
    if (method === 'notifications/message' && isObject(params)) this.homes.add(String(params['data']));
    else if (!String(method).endsWith('/list_changed')) this.stray.push(JSON.stringify(message));
  }

  async #answer(question: JsonObject): Promise<void> {
    const answer = { jsonrpc: '2.0', id: question['id'], result: wordFor(question) };
    try {
      const { statusCode, body } = await this.http.send('POST', this.#headers, answer);
      const said = await body.text();
      if (statusCode !== 202) this.stray.push(`an answer was refused: ${statusCode} ${said}`);
    } catch (error) {
      this.stray.push(`an answer did not arrive: ${String(error)}`);
    }
  }
}

function request(method: string, params: JsonObject): JsonObject {
  return { jsonrpc: '2.0', id: method, method, params };
}

import { modernHeaders } from '#shared/mcp/headers.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { META, MODERN_VERSION } from '#shared/mcp/meta.js';
import { aggregateName } from '#shared/mcp/names.js';
import type { HttpSession } from './http-session.js';
import type { LoadSession } from './load-session.js';
import { homeOf, paramsOf, responseOf, TOOL, wordFor, type StreamedCall } from './streamed-call.js';

/** The `_meta` of each of its requests. */
export const ENVELOPE = {
  [META.protocolVersion]: MODERN_VERSION,
  [META.clientCapabilities]: { elicitation: { form: {} } },
  [META.clientInfo]: { name: 'load', version: '1' },
};

/** A client of 2026-07-28: no handshake, and a new request with the answer to each question. */
export class ModernSession implements LoadSession {
  readonly homes = new Set<string>();
  readonly stray: string[] = [];

  constructor(
    readonly name: string,
    private readonly http: HttpSession,
    private readonly aggregated: boolean,
  ) {}

  async make(call: StreamedCall): Promise<void> {
    for (let retry: JsonObject | undefined = {}; retry !== undefined;) retry = await this.#round(call, retry);
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }

  async signOut(): Promise<void> {
    await this.http.signOut();
  }

  /** Resolves with what the next request has to bring, where the server asked for something. */
  async #round(call: StreamedCall, retry: JsonObject): Promise<JsonObject | undefined> {
    const { _meta: meta, ...params } = paramsOf(call, this.aggregated ? aggregateName(call.server, TOOL) : TOOL);
    const message = {
      jsonrpc: '2.0' as const,
      id: `${call.name} ${call.requests.length}`,
      method: 'tools/call',
      params: { ...params, ...retry, _meta: { ...ENVELOPE, ...(isObject(meta) ? meta : {}) } },
    };
    const response = responseOf(await this.http.post(call, message, modernHeaders(message)));
    const home = homeOf(response);
    if (home !== undefined) this.homes.add(home);
    const result = response?.['result'];
    if (!isObject(result) || result['resultType'] !== 'input_required' || !isObject(result['inputRequests']))
      return undefined;
    const answers = Object.entries(result['inputRequests']).map(([key, question]) => [key, wordFor(question)]);
    return { inputResponses: Object.fromEntries(answers), requestState: result['requestState'] };
  }
}

import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { headerParameters, parameterHeaders, type HeaderParameter } from '#shared/mcp/parameter-headers.js';

/** Tools with such parameters; few have any. */
const MAX_TOOLS = 10_000;

/** Which arguments travel as `Mcp-Param-*` headers, learnt from the lists of tools that pass by. */
export class ParameterBook {
  readonly #tools = new Map<string, readonly HeaderParameter[]>();

  /** The result of `tools/list`. */
  learn({ tools }: JsonObject): void {
    if (!Array.isArray(tools)) return;
    for (const tool of tools as readonly unknown[]) {
      if (!isObject(tool) || typeof tool['name'] !== 'string') continue;
      const parameters = headerParameters(tool['inputSchema']);
      if (parameters.length === 0) this.#tools.delete(tool['name']);
      else if (this.#tools.size < MAX_TOOLS) this.#tools.set(tool['name'], parameters);
    }
  }

  /** Headers of one request. */
  headersOf(method: string, params: JsonObject | undefined): Record<string, string> {
    const [name, given] = [params?.['name'], params?.['arguments']];
    const parameters = method === 'tools/call' && typeof name === 'string' ? this.#tools.get(name) : undefined;
    return parameters !== undefined && isObject(given) ? parameterHeaders(parameters, given) : {};
  }
}

import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { parameterHeaderFault } from '#shared/mcp/parameter-header-fault.js';

/** More names of one server are not remembered, and their faults not told. */
const MAX_TOLD = 1_000;

export interface ToolFault {
  readonly tool: string;
  readonly reason: string;
}

/** Tools of modern servers whose definition is invalid, so that nobody is shown them. Whoever reads the log is told once. */
export class FaultyTools {
  readonly #told = new Map<string, Set<string>>();

  /** Parts a list; `news` is what was not told yet. */
  sort(server: string, tools: readonly JsonObject[]): { readonly valid: JsonObject[]; readonly news: ToolFault[] } {
    const told = this.#told.get(server) ?? new Set<string>();
    const valid: JsonObject[] = [];
    const news: ToolFault[] = [];
    for (const item of tools) {
      const reason = parameterHeaderFault(item['inputSchema']);
      const tool = String(item['name']);
      if (reason === undefined) valid.push(item);
      else if (!told.has(tool) && told.size < MAX_TOLD) {
        told.add(tool);
        news.push({ tool, reason });
      }
    }
    this.#told.set(server, told);
    return { valid, news };
  }
}

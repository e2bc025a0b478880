import type { JsonObject } from '#shared/mcp/json-rpc.js';

/** What is known of a tool's definition: accepted ones, and those of the lock file. */
export interface KnownDefinition {
  /** JSON Schema of its arguments (MCP `Tool.inputSchema`). */
  readonly inputSchema: JsonObject;
}

/** By server and tool. A tool that is not in it has arguments that policies cannot read by type. */
export type KnownDefinitions = ReadonlyMap<string, ReadonlyMap<string, KnownDefinition>>;

export const NO_DEFINITIONS: KnownDefinitions = new Map();

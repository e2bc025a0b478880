import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Lock } from './lock-file.js';

/** What is known of a tool's definition: accepted ones, and those of the lock file. */
export interface KnownDefinition {
  /** JSON Schema of its arguments (MCP `Tool.inputSchema`). */
  readonly inputSchema: JsonObject;
}

/** By server and tool. A tool that is not in it has arguments that policies cannot read by type. */
export type KnownDefinitions = ReadonlyMap<string, ReadonlyMap<string, KnownDefinition>>;

export const NO_DEFINITIONS: KnownDefinitions = new Map();

/** Of a server that the lock file names, what it says; of others, what was accepted. */
export function knownDefinitions(accepted: KnownDefinitions, lock: Lock): KnownDefinitions {
  return new Map([...accepted, ...lockedDefinitions(lock)]);
}

/** Where a tool has several definitions, that of its last row. */
export function acceptedDefinitions(
  rows: Iterable<{ readonly server: string; readonly tool: string; readonly text: string }>,
): Map<string, Map<string, KnownDefinition>> {
  const servers = new Map<string, Map<string, KnownDefinition>>();
  for (const { server, tool, text } of rows) {
    const definition: unknown = JSON.parse(text);
    const inputSchema = isObject(definition) ? definition['inputSchema'] : undefined;
    const tools = servers.get(server) ?? new Map<string, KnownDefinition>();
    if (isObject(inputSchema)) tools.set(tool, { inputSchema });
    servers.set(server, tools);
  }
  return servers;
}

function lockedDefinitions(lock: Lock): KnownDefinitions {
  const rows = [...lock].flatMap(([server, tools]) =>
    [...tools].flatMap(([tool, definitions]) =>
      [...definitions.values()].map((definition) => ({ server, tool, text: JSON.stringify(definition) })),
    ),
  );
  return acceptedDefinitions(rows);
}

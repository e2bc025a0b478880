import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Effect } from '../../config/settings.js';

/**
 * What the server's own annotations (MCP `ToolAnnotations`) would make the tool: a claim, and so no more than a suggestion to an
 * admin. `destroy` where it claims nothing, as MCP's defaults have it.
 */
export function suggestedEffect({ annotations }: JsonObject): Effect {
  if (!isObject(annotations)) return 'destroy';
  if (annotations['readOnlyHint'] === true) return 'read';
  return annotations['destructiveHint'] === false ? 'write' : 'destroy';
}

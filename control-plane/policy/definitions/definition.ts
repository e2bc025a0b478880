import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { JsonObject } from '#shared/mcp/json-rpc.js';

/** Characters of JSON. Longer ones are not kept and can't be accepted: nobody could read them either. */
const MAX_DEFINITION = 131_072;

/** What a server says of a tool, as it is pinned. */
export interface Definition {
  readonly tool: string;
  /** Hex, of the canonical JSON (RFC 8785). */
  readonly sha256: string;
  /** JSON; of one that is too long, the name alone. */
  readonly text: string;
  readonly tooLong: boolean;
}

/**
 * The definition of one item of `tools/list` (MCP `Tool`): all that it says but its icons, because an AI or the app around it may
 * read any of it, extensions and `_meta` included (decision 029).
 */
export function definitionOf(item: JsonObject): Definition {
  const { icons: _icons, ...said } = item;
  const text = JSON.stringify(said);
  const tooLong = text.length > MAX_DEFINITION;
  const tool = String(item['name']);
  return { tool, sha256: hashOf(text), text: tooLong ? JSON.stringify({ name: tool }) : text, tooLong };
}

/**
 * Numbers count as doubles, as RFC 8785 has it: `1.0` is `1`. What has no canonical form (half a surrogate pair, `1e400`) is
 * hashed as the server wrote it.
 */
function hashOf(text: string): string {
  return createHash('sha256').update(canonical(text)).digest('hex');
}

function canonical(text: string): string {
  try {
    return canonicalize(JSON.parse(text)) ?? text;
  } catch {
    return text;
  }
}

import { createHash } from 'node:crypto';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META } from '#shared/mcp/meta.js';
import type { ClientSide } from '../../upstreams/upstream-request.js';
import type { LegacyClientSession } from './legacy-session.js';

/** A legacy client is its session: what it says to a legacy server stays in a session of its own there. */
export function legacyClient({ sid, capabilities }: LegacyClientSession): ClientSide {
  return { key: `session ${sid}`, capabilities };
}

/** Modern clients have no session: those of one sign-in that declare the same share one at a legacy server. */
export function modernClient(params: JsonObject | undefined): ClientSide {
  const meta = params?.['_meta'];
  const declared = isObject(meta) ? meta[META.clientCapabilities] : undefined;
  const capabilities = isObject(declared) ? declared : {};
  const key = createHash('sha256').update(JSON.stringify(capabilities)).digest('base64url');
  return { key, capabilities };
}

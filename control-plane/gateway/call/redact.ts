import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import { modernMembers } from '#shared/mcp/eras.js';
import type { Era } from '#shared/mcp/meta.js';
import { aggregateUri } from '#shared/mcp/names.js';
import { createRedactor } from '../../credentials/redaction.js';
import type { ClientResponse } from '../relay/client-response.js';
import type { ScanEdits } from '../relay/message-scanner.js';
import type { Relay, Relayed, RelayOptions } from '../relay/relay.js';
import type { UpstreamHop } from './upstream-hop.js';

export interface ClientView {
  readonly id: RequestId;
  readonly era: Era;
  readonly method: string;
  /** The server whose URIs get its prefix, at `/mcp`. */
  readonly aggregated: string | undefined;
}

/** An answer that has begun, and the way to the server that it came. */
export interface Begun {
  readonly relay: Relay;
  /** Of the server. */
  readonly era: Era;
  /** HTTP status of the server's answer. */
  readonly status: number;
  readonly hop: UpstreamHop;
  readonly reply: (id: RequestId, answer: JsonObject) => void;
  /** With which it was asked. */
  readonly secrets: readonly string[];
}

/**
 * With these a modern server says itself that it did nothing. Of all other answers to a call the status is 200, because
 * clients send again what was answered with an error status.
 */
const REFUSALS = new Set([400, 404]);

/** Step 8: the answer flows to the client in its own era, and the injected secrets never do. */
export function redact(
  { relay, era, status, secrets }: Begun,
  client: ClientResponse,
  view: ClientView,
  input: Pick<RelayOptions, 'asked' | 'heard'>,
): Promise<Relayed> {
  // To a legacy client 404 would mean that its session is gone.
  if (era === 'modern' && view.era === 'modern' && REFUSALS.has(status)) client.status = status;
  return relay.run(client, { edits: editsFor(era, view), mask: () => createRedactor(secrets), ...input });
}

function editsFor(upstream: Era, { id, era, method, aggregated }: ClientView): ScanEdits {
  const cached = method === 'resources/read';
  const lifted = upstream === 'legacy' && era === 'modern';
  const lowered = upstream === 'modern' && era === 'legacy';
  return {
    id: JSON.stringify(id),
    ...(lifted ? { resultMembers: resultMembers(cached) } : {}),
    ...(lowered ? { dropped: modernMembers(method) } : {}),
    ...(cached ? { cacheScope: '"private"' } : {}),
    ...(aggregated === undefined ? {} : { uriPrefix: aggregateUri(aggregated, '') }),
  };
}

/** What a modern result must have and a legacy server does not send. */
function resultMembers(cached: boolean): string {
  return `"resultType":"complete"${cached ? ',"ttlMs":0,"cacheScope":"private"' : ''}`;
}

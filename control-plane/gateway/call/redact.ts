import type { RequestId } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { aggregateUri } from '#shared/mcp/names.js';
import { createRedactor } from '../../credentials/redaction.js';
import type { UpstreamAnswer } from '../../upstreams/upstream-request.js';
import type { ClientResponse } from '../relay/client-response.js';
import type { ScanEdits } from '../relay/message-scanner.js';
import { relay, type Relayed } from '../relay/relay.js';

export interface ClientView {
  readonly id: RequestId;
  readonly era: Era;
  readonly method: string;
  /** The server whose URIs get its prefix, at `/mcp`. */
  readonly aggregated: string | undefined;
}

/** Step 8: the answer flows to the client in its own era, and the injected secrets never do. */
export function redact(
  answer: UpstreamAnswer,
  client: ClientResponse,
  view: ClientView,
  secrets: readonly string[],
  refuse: (id: RequestId) => void,
): Promise<Relayed> {
  return relay(answer, client, { edits: editsFor(answer.era, view), mask: () => createRedactor(secrets), refuse });
}

function editsFor(upstream: Era, { id, era, method, aggregated }: ClientView): ScanEdits {
  const cached = method === 'resources/read';
  const lifted = upstream === 'legacy' && era === 'modern';
  return {
    id: JSON.stringify(id),
    ...(lifted ? { resultMembers: resultMembers(cached) } : {}),
    ...(cached ? { cacheScope: '"private"' } : {}),
    ...(aggregated === undefined ? {} : { uriPrefix: aggregateUri(aggregated, '') }),
  };
}

/** What a modern result must have and a legacy server does not send. */
function resultMembers(cached: boolean): string {
  return `"resultType":"complete"${cached ? ',"ttlMs":0,"cacheScope":"private"' : ''}`;
}

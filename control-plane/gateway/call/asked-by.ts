import type { IncomingHttpHeaders } from 'node:http';
import { HEADERS } from '#shared/mcp/headers.js';
import type { RequestId } from '#shared/mcp/json-rpc.js';
import { LEGACY_VERSIONS, MODERN_VERSION } from '#shared/mcp/meta.js';
import type { RecordFacts, RecordPersonal } from '../../audit/record.js';

/** What a record says of the request itself; what the client claims of itself is personal. */
export interface AskedBy {
  readonly facts: Pick<RecordFacts, 'protocol' | 'requestBytes'>;
  readonly personal: Pick<RecordPersonal, 'userAgent' | 'requestId'>;
}

const VERSIONS: readonly string[] = [MODERN_VERSION, ...LEGACY_VERSIONS];
const MAX_CLAIM = 256;

/** `bytes`: of the body that held it, with all else in it. */
export function askedBy(headers: IncomingHttpHeaders, bytes: number, id?: RequestId): AskedBy {
  const protocol = VERSIONS.find((known) => known === headers[HEADERS.protocolVersion]);
  const userAgent = headers['user-agent'];
  return {
    facts: { requestBytes: bytes, ...(protocol === undefined ? {} : { protocol }) },
    personal: {
      ...(userAgent === undefined ? {} : { userAgent: userAgent.slice(0, MAX_CLAIM) }),
      ...(id === undefined ? {} : { requestId: String(id).slice(0, MAX_CLAIM) }),
    },
  };
}

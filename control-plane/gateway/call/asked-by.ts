import type { IncomingMessage } from 'node:http';
import { HEADERS } from '#shared/mcp/headers.js';
import type { RequestId } from '#shared/mcp/json-rpc.js';
import { LEGACY_VERSIONS, MODERN_VERSION } from '#shared/mcp/meta.js';
import type { RecordFacts, RecordPersonal } from '../../audit/record.js';

/** What a record says of the request itself; what the client claims of itself is personal. */
export interface AskedBy {
  readonly facts: Pick<RecordFacts, 'protocol' | 'requestBytes'>;
  readonly personal: Pick<RecordPersonal, 'port' | 'userAgent' | 'claimedBridge' | 'requestId'>;
}

/** A request, and the address that it came from by the trusted proxies. */
interface Asking {
  readonly request: Pick<IncomingMessage, 'headers' | 'socket'>;
  readonly address: string;
}

/** As `cli/bridge/connection.ts` writes it. */
const BRIDGE = /^mcp-sso\/([\w.+-]{1,40}) \((\w{1,20} \w{1,20})\)$/;
const VERSIONS: readonly string[] = [MODERN_VERSION, ...LEGACY_VERSIONS];
const MAX_CLAIM = 256;

/** `bytes`: of the body that held it, with all else in it. */
export function askedBy({ request, address }: Asking, bytes: number, id?: RequestId): AskedBy {
  const { headers, socket } = request;
  const protocol = VERSIONS.find((known) => known === headers[HEADERS.protocolVersion]);
  const userAgent = headers['user-agent'];
  return {
    facts: { requestBytes: bytes, ...(protocol === undefined ? {} : { protocol }) },
    personal: {
      ...(socket.remotePort !== undefined && socket.remoteAddress === address ? { port: socket.remotePort } : {}),
      ...claimedBridge(userAgent),
      ...(userAgent === undefined ? {} : { userAgent: userAgent.slice(0, MAX_CLAIM) }),
      ...(id === undefined ? {} : { requestId: String(id).slice(0, MAX_CLAIM) }),
    },
  };
}

function claimedBridge(userAgent = ''): Pick<RecordPersonal, 'claimedBridge'> {
  const [, version, system] = BRIDGE.exec(userAgent) ?? [];
  return version === undefined || system === undefined ? {} : { claimedBridge: { version, system } };
}

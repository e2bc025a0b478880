import type { IncomingMessage } from 'node:http';
import type { JsonRpcRequest, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import type { RequestObservation } from '../../observability/requests/request-observation.js';
import type { CallInFlight } from '../calls-in-flight.js';
import type { ClientSide } from '../../upstreams/upstream-request.js';
import type { LegacyClientSession } from '../eras/legacy-session.js';
import type { ListScope } from '../lists/fetch-list.js';
import type { Origin } from './call-record.js';

/** One POST as it came in. */
export interface Post {
  readonly request: IncomingMessage;
  /** The server of `/mcp/{server}`, as it stands in the path; undefined at `/mcp`. */
  readonly server: string | undefined;
  /** The client's address, by the trusted proxies. */
  readonly address: string;
}

/** A request that is received and identified, in the 2026-07-28 form. */
export interface Identified {
  readonly origin: Origin;
  /** Of the client. */
  readonly era: Era;
  readonly id: RequestId;
  readonly message: JsonRpcRequest;
  readonly endpoint: string | undefined;
  readonly call: CallInFlight;
  /** What servers may know of the client. */
  readonly client: ClientSide;
  /** Of a legacy client; `initialize` begins it. */
  readonly session: LegacyClientSession | undefined;
  /** What operators see of it. */
  readonly observation: RequestObservation;
}

/** For whom lists are fetched; the client's envelope goes along, its progress token does not. */
export function listScope({ origin, message, call, client }: Identified): ListScope {
  const meta = isObject(message.params?.['_meta']) ? message.params['_meta'] : {};
  const { progressToken: _token, ...envelope } = meta;
  return { session: origin.caller.session, client, meta: envelope, signal: call.signal };
}

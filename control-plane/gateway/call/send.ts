import { asCoded } from '#shared/errors.js';
import type { JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import type { Parts } from '../parts.js';
import { Relay } from '../relay/relay.js';
import { afterFirstRound } from './after-sending.js';
import type { Leaving } from './exchange.js';
import { forward, scopeOf } from './forward.js';
import type { Begun } from './redact.js';
import { UpstreamHop } from './upstream-hop.js';

/** What is sent in one round. */
export interface Attempt extends Pick<Leaving, 'paramHeaders'> {
  readonly message: JsonRpcRequest;
  /** Whether the server knows of the call from an earlier round. */
  readonly asked: boolean;
  /** Whether its headers were made anew because the server refused others. */
  readonly learnt: boolean;
}

/** Step 7, until the answer begins. Throws the errors of the far side. */
export async function send(
  parts: Parts,
  { underWay, injection }: Leaving,
  { message, paramHeaders, asked }: Attempt,
): Promise<Begun> {
  const { request, to } = underWay;
  const hop = new UpstreamHop();
  hop.follow(request.call.signal);
  const { session } = request.origin.caller;
  const { client } = request;
  const scope = scopeOf({ server: to.server, session, client, injection, signal: hop.signal });
  underWay.sent = true;
  const answer = await forward(parts.upstreams, scope, message, paramHeaders).catch((error: unknown) => {
    throw asked ? afterFirstRound(asCoded(error)) : error;
  }); //                                                                                                 7 forward
  const { era, status = 200, reply } = answer;
  return { relay: new Relay(answer), status, era, hop, reply, secrets: injection.secrets };
}

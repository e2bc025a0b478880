import { asCoded } from '#shared/errors.js';
import type { JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import type { Injection } from '../../credentials/injection.js';
import type { UpstreamAnswer } from '../../upstreams/upstream-request.js';
import type { Parts } from '../parts.js';
import { Relay } from '../relay/relay.js';
import { afterFirstRound } from './after-sending.js';
import type { Leaving } from './exchange.js';
import { forward, scopeOf } from './forward.js';
import type { Begun } from './redact.js';
import { toolOf } from './route.js';
import { UpstreamHop } from './upstream-hop.js';
import { withCredential } from './with-credential.js';

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
  { underWay, injection: resolved }: Leaving,
  { message, paramHeaders, asked }: Attempt,
): Promise<Begun> {
  const { request, to } = underWay;
  const hop = new UpstreamHop();
  hop.follow(request.call.signal);
  const { session } = request.origin.caller;
  const { client } = request;
  const { server, target } = to;
  const ask = (injection: Injection): Promise<UpstreamAnswer> => {
    underWay.injection = injection;
    underWay.sent = true;
    underWay.sentAt ??= performance.now();
    const scope = scopeOf({ server, session, client, injection, signal: hop.signal });
    return forward(parts.upstreams, scope, message, paramHeaders); //                                    7 forward
  };
  const opens = { server, session, tool: toolOf(target) };
  const injection = underWay.injection ?? resolved;
  const answer = await withCredential(parts, opens, ask, injection).catch((error: unknown) => {
    throw asked ? afterFirstRound(asCoded(error)) : error;
  });
  const { era, status = 200, reply } = answer;
  underWay.status = status;
  return { relay: new Relay(answer), status, era, hop, reply, secrets: underWay.injection?.secrets ?? [] };
}

import { asCoded, CodedError } from '#shared/errors.js';
import type { JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import type { Injection } from '../../credentials/injection.js';
import { heldBy, resumed, withState } from '../input/retry.js';
import { askedOf } from '../input/asked.js';
import { answeredByClient } from '../input/legacy-answers.js';
import { parked, resealed } from '../input/required.js';
import { boundRevision, type StateBinding } from '../input/request-state.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { heardOf } from '../relay/heard.js';
import { Relay, type RelayedResponse } from '../relay/relay.js';
import { afterFirstRound } from './after-sending.js';
import type { CallUnderWay } from './finish.js';
import { forward, scopeOf } from './forward.js';
import { redact, type Begun, type ClientView } from './redact.js';
import { UpstreamHop } from './upstream-hop.js';

/** Times that a modern server may ask a legacy client before one call is done. */
const MAX_ROUNDS = 10;

/** A call that may leave: everything that its way to the server and back needs. */
export interface Leaving {
  readonly underWay: CallUnderWay;
  readonly injection: Injection;
  /** Of the policies that permitted it. */
  readonly revision: string;
  readonly view: ClientView;
  readonly paramHeaders: Readonly<Record<string, string>>;
}

/** Steps 7 and 8: once for most calls, and once more for each time that the server asks the client for input. */
export async function exchange(parts: Parts, leaving: Leaving, client: ClientResponse): Promise<RelayedResponse> {
  const { underWay, view } = leaving;
  const { request, to } = underWay;
  const binding = (): StateBinding => bindingOf(parts, leaving);
  const held = heldBy(parts.states, request.origin.caller.session.person.id, binding, to.message);
  let begun =
    held?.kind === 'parked'
      ? resumed(parts, leaving, held)
      : await send(parts, leaving, withState(to.message, held), held !== undefined);
  for (let round = 1; ; round += 1) {
    if (!('relay' in begun)) return parked(parts, binding(), request, begun);
    const asked = askedOf(parts, request, client, begun.reply);
    const relayed = await redact(begun, client, view, { asked, heard: heardOf(parts, request, to.server) }); // 8 redact
    if (relayed.kind === 'question') begun = { waiting: begun, request: relayed.request };
    else if (!relayed.facts.inputRequired || to.target.kind === 'method') return relayed;
    else if (request.era === 'modern') return resealed(parts.states, binding(), relayed);
    else if (round > MAX_ROUNDS) throw tooOften();
    else begun = await send(parts, leaving, await answeredByClient(parts, request, to.message, relayed, client), true);
  }
}

async function send(
  parts: Parts,
  { underWay, injection, paramHeaders }: Leaving,
  message: JsonRpcRequest,
  asked = false,
): Promise<Begun> {
  const { request, to } = underWay;
  const hop = new UpstreamHop();
  hop.follow(request.call.signal);
  const session = request.origin.caller.session.id;
  const { client } = request;
  const scope = scopeOf({ server: to.server, session, client, injection, signal: hop.signal });
  underWay.sent = true;
  const answer = await forward(parts.upstreams, scope, message, paramHeaders).catch((error: unknown) => {
    throw asked ? afterFirstRound(asCoded(error)) : error;
  }); //                                                                                                 7 forward
  const { era, status = 200, reply } = answer;
  return { relay: new Relay(answer), status, era, hop, reply, secrets: injection.secrets };
}

function bindingOf(parts: Parts, { underWay: { request, to }, revision }: Leaving): StateBinding {
  const { _meta, inputResponses: _responses, requestState: _state, ...params } = to.message.params ?? {};
  return {
    session: request.origin.caller.session.id,
    server: to.server,
    request: parts.audit.hashArguments({ method: to.message.method, params }),
    revision: boundRevision(parts, to.server, revision),
  };
}

function tooOften(): CodedError {
  return new CodedError('upstream_invalid', { detail: `the server asked more than ${MAX_ROUNDS} times` });
}

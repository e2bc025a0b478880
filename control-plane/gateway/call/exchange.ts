import { isDeepStrictEqual } from 'node:util';
import { asCoded, CodedError, ERRORS } from '#shared/errors.js';
import type { JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import type { Injection } from '../../credentials/injection.js';
import { heldBy, resumed, withState } from '../input/retry.js';
import { askedOf } from '../input/asked.js';
import { answeredByClient } from '../input/legacy-answers.js';
import { parked, resealed } from '../input/required.js';
import { boundRevision, type StateBinding } from '../input/request-state.js';
import { requireOpened, requiresUrls, urlsRequired } from '../input/url-elicitation.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { heardOf } from '../relay/heard.js';
import { Relay, type RelayedResponse } from '../relay/relay.js';
import { afterFirstRound } from './after-sending.js';
import { argumentHeaders } from './argument-headers.js';
import type { CallUnderWay } from './finish.js';
import { forward, scopeOf } from './forward.js';
import { listOnRecord } from './list-on-record.js';
import type { Identified } from './post.js';
import { redact, type Begun, type ClientView } from './redact.js';
import type { CallRoute } from './route.js';
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

/** What is sent in one round. */
interface Attempt extends Pick<Leaving, 'paramHeaders'> {
  readonly message: JsonRpcRequest;
  /** Whether the server knows of the call from an earlier round. */
  readonly asked: boolean;
  /** Whether its headers were made anew because the server refused others. */
  readonly learnt: boolean;
}

/** Steps 7 and 8: once for most calls, and once more for each time that the server asks the client for input. */
export async function exchange(parts: Parts, leaving: Leaving, client: ClientResponse): Promise<RelayedResponse> {
  const { underWay, view, paramHeaders } = leaving;
  const { request, to } = underWay;
  const binding = (): StateBinding => bindingOf(parts, leaving);
  const held = heldBy(parts.states, request.origin.caller.session.person.id, binding, to.message);
  if (held?.kind === 'urls') requireOpened(to.message, held);
  let attempt: Attempt = {
    message: withState(to.message, held),
    paramHeaders,
    asked: held !== undefined,
    learnt: false,
  };
  let begun = held?.kind === 'parked' ? resumed(parts, leaving, held) : await send(parts, leaving, attempt);
  for (let round = 1; ; round += 1) {
    if (!('relay' in begun)) return parked(parts, binding(), request, begun);
    const asked = askedOf(parts, request, client, begun.reply);
    const relayed = await redact(begun, client, view, { asked, heard: heardOf(parts, request, to.server) }); // 8 redact
    if (relayed.kind === 'question') {
      begun = { waiting: begun, request: relayed.request };
      continue;
    }
    if (requiresUrls(request, begun, relayed)) return urlsRequired(parts.states, binding(), request, relayed);
    if (!attempt.learnt && refusesHeaders(request, begun, relayed)) {
      const learnt = await learntHeaders(parts, request, to);
      if (isDeepStrictEqual(learnt, attempt.paramHeaders)) return relayed;
      attempt = { ...attempt, paramHeaders: learnt, learnt: true };
    } else {
      if (!relayed.facts.inputRequired || to.target.kind === 'method') return relayed;
      if (request.era === 'modern') return resealed(parts.states, binding(), relayed);
      if (round > MAX_ROUNDS) throw tooOften();
      const message = await answeredByClient(parts, request, to.message, relayed, client);
      attempt = { ...attempt, message, asked: true };
    }
    begun = await send(parts, leaving, attempt);
  }
}

/** The server wants headers that we would have made, had we known its tool; with a 400 it says that it did nothing. */
function refusesHeaders(request: Identified, { era, status }: Begun, { facts }: RelayedResponse): boolean {
  const refused = era === 'modern' && status === 400 && facts.errorCode === ERRORS.header_mismatch.jsonRpc;
  return refused && request.era === 'legacy';
}

/** What the server's list says now (MCP 2026-07-28, streamable HTTP, Client Behavior); without a list, nothing. */
async function learntHeaders(parts: Parts, request: Identified, to: CallRoute): Promise<Record<string, string>> {
  await listOnRecord(parts, request, to.server, 'tools/list').catch(() => undefined);
  return argumentHeaders(parts, request, to, {});
}

async function send(
  parts: Parts,
  { underWay, injection }: Leaving,
  { message, paramHeaders, asked }: Attempt,
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

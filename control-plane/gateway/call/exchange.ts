import type { Injection } from '../../credentials/injection.js';
import { heldBy, resumed, withState } from '../input/retry.js';
import { askedOf } from '../input/asked.js';
import { parked, resealed } from '../input/required.js';
import { boundRevision, type StateBinding } from '../input/request-state.js';
import { requireOpened, requiresUrls, urlsRequired } from '../input/url-elicitation.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { heardOf } from '../relay/heard.js';
import type { RelayedResponse } from '../relay/relay.js';
import type { CallUnderWay } from './finish.js';
import { nextAttempt } from './next-attempt.js';
import { redact, type Begun, type ClientView } from './redact.js';
import { send, type Attempt } from './send.js';

/** A call that may leave: everything that its way to the server and back needs. */
export interface Leaving {
  readonly underWay: CallUnderWay;
  readonly injection: Injection;
  /** Of the policies that permitted it. */
  readonly revision: string;
  readonly view: ClientView;
  readonly paramHeaders: Readonly<Record<string, string>>;
}

/** Steps 7 and 8: once for most calls, and again where the server wants more for a legacy client's request. */
export async function exchange(parts: Parts, leaving: Leaving, client: ClientResponse): Promise<RelayedResponse> {
  const { underWay, view, paramHeaders } = leaving;
  const { request, to } = underWay;
  const binding = (): StateBinding => bindingOf(parts, leaving);
  const held = heldBy(parts.states, request.origin.caller.session.person.id, binding, to.message);
  if (held?.kind === 'urls') requireOpened(to.message, held);
  const message = withState(to.message, held);
  let attempt: Attempt = { message, paramHeaders, asked: held !== undefined, learnt: false };
  let begun = held?.kind === 'parked' ? resumed(parts, leaving, held) : await send(parts, leaving, attempt);
  for (let round = 1; ; round += 1) {
    if (!('relay' in begun)) return parked(parts, binding(), request, begun);
    const asked = askedOf(parts, request, client, begun.reply);
    const relayed = await redact(begun, client, view, { asked, heard: heardOf(parts, request, to.server) }); // 8 redact
    if (relayed.kind === 'question') {
      return parked(parts, binding(), request, { waiting: begun, request: relayed.request });
    }
    if (request.era === 'modern') return underSeal(parts, leaving, begun, relayed);
    const next = await nextAttempt(
      parts,
      underWay,
      { round, attempt, status: begun.status, era: begun.era, relayed },
      client,
    );
    if (next === undefined) return relayed;
    attempt = next;
    begun = await send(parts, leaving, attempt);
  }
}

/** A response for a modern client: what the server wants from the person goes with a state under our seal. */
function underSeal(parts: Parts, leaving: Leaving, begun: Begun, relayed: RelayedResponse): RelayedResponse {
  const { request, to } = leaving.underWay;
  if (requiresUrls(request, begun, relayed)) {
    return urlsRequired(parts.states, bindingOf(parts, leaving), request, relayed);
  }
  if (!relayed.facts.inputRequired || to.target.kind === 'method') return relayed;
  return resealed(parts.states, bindingOf(parts, leaving), relayed);
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

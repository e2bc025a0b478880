import type { Injection } from '../../credentials/injection.js';
import { heldBy, resumed, withState } from '../input/retry.js';
import { askedOf } from '../input/asked.js';
import { parked, resealed } from '../input/required.js';
import type { UsedApproval } from '../../policy/approvals/approval.js';
import type { StateBinding } from '../input/request-state.js';
import { stateBinding } from '../input/state-binding.js';
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
  /** That this call has used. */
  readonly approval: UsedApproval | undefined;
  readonly view: ClientView;
  readonly paramHeaders: Readonly<Record<string, string>>;
}

/** Steps 7 and 8: once for most calls, and again where the server wants more for a legacy client's request. */
export async function exchange(parts: Parts, leaving: Leaving, client: ClientResponse): Promise<RelayedResponse> {
  const { underWay, view, paramHeaders, approval } = leaving;
  const { request, to } = underWay;
  const binding = (): StateBinding => bindingOf(parts, leaving);
  const held = heldBy(parts.states, request.origin.caller.session.person.id, binding, to.message);
  if (held?.kind === 'urls') requireOpened(to.message, held);
  const message = withState(to.message, held);
  let attempt: Attempt = { message, paramHeaders, asked: held !== undefined, learnt: false };
  let begun = held?.kind === 'parked' ? resumed(parts, leaving, held) : await send(parts, leaving, attempt);
  for (let round = 1; ; round += 1) {
    if (!('relay' in begun)) return parked(parts, binding(), request, begun, approval);
    const asked = askedOf(parts, request, client, begun.reply);
    const relayed = await redact(begun, client, view, { asked, heard: heardOf(parts, request, to.server) }); // 8 redact
    if (relayed.kind === 'question') {
      return parked(parts, binding(), request, { waiting: begun, request: relayed.request }, approval);
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
  const { approval } = leaving;
  const { request, to } = leaving.underWay;
  if (requiresUrls(request, begun, relayed)) {
    return urlsRequired(parts.states, bindingOf(parts, leaving), request, relayed, approval);
  }
  if (!relayed.facts.inputRequired || to.target.kind === 'method') return relayed;
  return resealed(parts.states, bindingOf(parts, leaving), relayed, approval);
}

function bindingOf(parts: Parts, { underWay: { request, to }, revision }: Leaving): StateBinding {
  return stateBinding(parts, request, to, revision);
}

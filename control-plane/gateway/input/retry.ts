import { CodedError } from '#shared/errors.js';
import type { JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Leaving } from '../call/exchange.js';
import { MessageFault } from '../call/message-fault.js';
import type { Begun } from '../call/redact.js';
import type { Parts } from '../parts.js';
import type { HeldState, RequestStates, StateBinding } from './request-state.js';
import { QUESTION, type Waiting } from './required.js';

/**
 * What the state of a request that `person` retries holds; undefined where it brings none, as most do: its binding is
 * made only for those that do. Throws `request_state_invalid` and `rate_limited`.
 */
export function heldBy(
  states: RequestStates,
  person: string,
  binding: () => StateBinding,
  { id, params }: JsonRpcRequest,
): HeldState | undefined {
  const state = params?.['requestState'];
  if (state === undefined) return undefined;
  if (typeof state === 'string') return states.open(person, binding(), state);
  throw new MessageFault('params_invalid', { id, message: '`params.requestState` must be a text.' });
}

/** The request under the server's own state. */
export function withState(message: JsonRpcRequest, held: HeldState | undefined): JsonRpcRequest {
  if (held?.kind !== 'server') return message;
  return { ...message, params: { ...message.params, requestState: held.state } };
}

/** Hands the client's answer to the parked call. One that is missing is asked for again. Throws `outcome_unknown` where the call is gone. */
export function resumed(
  { parked }: Pick<Parts, 'parked'>,
  { underWay }: Leaving,
  held: Extract<HeldState, { kind: 'parked' }>,
): Begun | Waiting {
  // It left when it was made for the first time.
  underWay.sent = true;
  const { request, to, injection } = underWay;
  const call = parked.take(request.origin.caller.session.id, held.id);
  if (call === undefined) throw lost();
  const { question, ...rest } = call;
  const begun: Begun = { ...rest, era: 'legacy', status: 200 };
  if (injection) underWay.injection = { ...injection, secrets: [...injection.secrets, ...call.secrets] };
  const responses = to.message.params?.['inputResponses'];
  const answer = isObject(responses) ? responses[QUESTION] : undefined;
  if (!isObject(answer)) return { waiting: begun, request: question.request };
  call.hop.follow(request.call.signal);
  call.reply(question.id, { result: answer });
  return begun;
}

function lost(): CodedError {
  return new CodedError('outcome_unknown', {
    message:
      'The call that waited for this answer is not here any more: the control plane was restarted, or another replica has it. It is not known whether it took effect.',
  });
}

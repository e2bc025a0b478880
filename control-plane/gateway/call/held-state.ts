import type { AwaitedKind } from '#shared/mcp/meta.js';
import type { Decision } from '../../policy/decision.js';
import type { HeldState, OpenedState } from '../input/request-state.js';
import { stateBinding } from '../input/state-binding.js';
import type { Parts } from '../parts.js';
import type { Identified } from './post.js';
import type { CallRoute } from './route.js';

/** What a request brings with it that was made before. */
export interface BroughtState {
  /** Whatever it holds; undefined where it brings none. */
  readonly state: OpenedState | undefined;
  /** What its call waited for, where that is of the kind that was asked about. */
  readonly waited: Extract<HeldState, { readonly reference: string }> | undefined;
  /** Without the state, where it says no more than that. */
  readonly to: CallRoute;
}

/** Throws `request_state_invalid` for a state of another request or sign-in. Nothing is used up. */
export function broughtState(
  parts: Pick<Parts, 'audit' | 'servers' | 'states'>,
  request: Identified,
  to: CallRoute,
  { revision }: Decision,
  kind: AwaitedKind,
): BroughtState {
  const given = to.message.params?.['requestState'];
  if (typeof given !== 'string') return { state: undefined, waited: undefined, to };
  const state = parts.states.peek(stateBinding(parts, request, to, revision), given);
  const { held } = state;
  if (!('reference' in held) || held.kind !== kind) return { state, waited: undefined, to };
  return { state, waited: held, to: withoutState(to) };
}

function withoutState(to: CallRoute): CallRoute {
  const { requestState: _state, inputResponses: _answers, ...params } = to.message.params ?? {};
  return { ...to, message: { ...to.message, params } };
}

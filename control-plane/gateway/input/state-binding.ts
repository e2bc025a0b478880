import { boundRevision } from '../../policy/bound-revision.js';
import type { Identified } from '../call/post.js';
import type { CallRoute } from '../call/route.js';
import type { Parts } from '../parts.js';
import type { StateBinding } from './request-state.js';

/** What a state of this request is bound to, under the policies of `revision`. */
export function stateBinding(
  parts: Pick<Parts, 'audit' | 'servers'>,
  { origin }: Pick<Identified, 'origin'>,
  { server, message }: Pick<CallRoute, 'server' | 'message'>,
  revision: string,
): StateBinding {
  const { _meta, inputResponses: _responses, requestState: _state, ...params } = message.params ?? {};
  return {
    session: origin.caller.session.id,
    server,
    request: parts.audit.hashArguments({ method: message.method, params }),
    revision: boundRevision(parts, server, revision),
  };
}

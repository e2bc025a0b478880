import { CodedError } from '#shared/errors.js';
import type { Decision } from '../../policy/decision.js';
import { serverExists, type Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { judge, type JudgedCall } from './decide.js';
import { denialMessage } from './denial.js';
import { argumentsOf } from './arguments.js';
import type { Origin } from './call-record.js';
import type { Identified } from './post.js';
import { refuse, type Refused } from './refuse.js';
import type { CallRoute } from './route.js';
import { stepUpNeeded } from './step-up.js';

/** The decision about a call; a server that does not exist is decided without the policy, which might permit all. */
export function decideCall(parts: Parts, origin: Origin, { server, target, message }: CallRoute): JudgedCall {
  if (serverExists(parts, server)) return judge(parts.policy, origin, server, target, argumentsOf(message, target));
  const reason = 'There is no such server.';
  return { decision: { outcome: 'deny', policies: [], reason, revision: '', failed: false } };
}

/**
 * Answers a denied call with who decided and why. Only a server that nobody configured is no matter of policy. Where another
 * sign-in would do, the client is told by the challenge of RFC 9470.
 */
export function deny(
  parts: Parts,
  { id, era, origin }: Identified,
  to: CallRoute,
  { decision, reference }: { readonly decision: Decision; readonly reference: string },
  client: ClientResponse,
  refused: Refused,
): void {
  const { stepUp } = decision;
  if (stepUp) {
    const handle = parts.identity.stepUpHandle(origin.caller);
    const data = { reference, ...(handle === undefined ? {} : { stepUp: handle }) };
    refuse(client, refused, stepUpNeeded(stepUp, reference), data);
  } else if (serverExists(parts, to.server)) {
    client.sendMessage(denialMessage(id, era, to.target, decision, reference, parts.publicUrl));
  } else refuse(client, refused, new CodedError('server_unknown'), { reference });
}

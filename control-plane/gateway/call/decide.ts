import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { Decision, Question } from '../../policy/decision.js';
import type { CallContext } from '../../policy/call-context.js';
import { strictestDemand } from '../../policy/step-up.js';
import type { Origin } from './call-record.js';
import { otherReadings } from './uri-readings.js';
import type { Target } from './route.js';

export interface Decider {
  decide(question: Question): Decision;
}

/**
 * Step 4: policy → allow or deny, with the ids of the policies; what an `allow` demands of the sign-in is judged by
 * `judgeSignIn`. Where a server may read a URI otherwise than it is spelled, each reading has to be permitted (decision 019).
 * `args` is undefined where nobody calls yet (`Question`).
 */
export function decide(
  policy: Decider,
  origin: Origin,
  server: string,
  target: Target,
  args: JsonObject | undefined,
): Decision {
  const { person, groups } = origin.caller.session;
  const context = contextOf(origin, Date.now());
  const others = target.kind === 'resource' ? otherReadings(target.name) : [];
  const decisions = [target.name, ...others].map((name) =>
    policy.decide({ person: { id: person.id, groups }, server, target: { ...target, name }, context, args }),
  );
  return decisions.find(({ outcome }) => outcome === 'deny') ?? together(decisions);
}

/** Of decisions that all allow: the first, with what any of them demands of the sign-in. */
function together(decisions: readonly Decision[]): Decision {
  const demands = decisions.flatMap(({ stepUp }) => (stepUp === undefined ? [] : [stepUp]));
  const stepUp = strictestDemand(demands);
  return stepUp === undefined ? decisions[0]! : { ...decisions[0]!, stepUp };
}

/** What policies can read of the circumstances, at this moment (epoch milliseconds). */
export function contextOf({ caller, address, claimedClient }: Origin, now: number): CallContext {
  const { session } = caller;
  return {
    now,
    address,
    acr: session.acr,
    amr: session.amr,
    signedInAt: session.authTime,
    sessionKind: session.kind,
    client: session.clientId,
    claimedClient: claimedClient?.name ?? null,
    device: session.deviceName,
    managedDevice: session.managedDevice,
    agents: session.actors,
  };
}

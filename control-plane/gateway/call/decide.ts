import type { Effect } from '../../config/settings.js';
import type { Caller } from '../../identity/caller.js';
import type { Decision, PolicyInput, PolicyTarget } from '../../policy/decision.js';
import { strictestDemand } from '../../policy/step-up.js';
import { otherReadings } from './uri-readings.js';
import type { Target } from './route.js';

export interface Decider {
  decide(input: PolicyInput): Decision;
  effectOf(server: string, tool: string): Effect;
}

/**
 * Step 4: policy → allow or deny, with the ids of the policies; what an `allow` demands of the sign-in is judged by
 * `judgeSignIn`. Where a server may read a URI otherwise than it is
 * spelled, each reading has to be permitted (decision 019).
 */
export function decide(policy: Decider, caller: Caller, server: string, target: Target): Decision {
  const { person, groups } = caller.session;
  const judge = (of: Target): Decision =>
    policy.decide({ person: { id: person.id, groups }, server, target: policyTarget(policy, server, of) });
  const others = target.kind === 'resource' ? otherReadings(target.name) : [];
  const decisions = [target.name, ...others].map((name) => judge({ ...target, name }));
  return decisions.find(({ outcome }) => outcome === 'deny') ?? together(decisions);
}

/** Of decisions that all allow: the first, with what any of them demands of the sign-in. */
function together(decisions: readonly Decision[]): Decision {
  const demands = decisions.flatMap(({ stepUp }) => (stepUp === undefined ? [] : [stepUp]));
  const stepUp = strictestDemand(demands);
  return stepUp === undefined ? decisions[0]! : { ...decisions[0]!, stepUp };
}

function policyTarget(policy: Decider, server: string, { kind, name }: Target): PolicyTarget {
  if (kind === 'tool') return { kind, name, effect: policy.effectOf(server, name) };
  return kind === 'resource' ? { kind, uri: name } : { kind, name };
}

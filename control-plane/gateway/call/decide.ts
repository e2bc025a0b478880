import type { Effect } from '../../config/settings.js';
import type { Caller } from '../../identity/caller.js';
import type { Decision, PolicyInput, PolicyTarget } from '../../policy/decision.js';
import { otherReadings } from './uri-readings.js';
import type { Target } from './route.js';

export interface Decider {
  decide(input: PolicyInput): Decision;
  effectOf(server: string, tool: string): Effect;
}

/**
 * Step 4: policy → allow or deny, with the ids of the policies. Where a server may read a URI otherwise than it is
 * spelled, each reading has to be permitted (decision 019).
 */
export function decide(policy: Decider, caller: Caller, server: string, target: Target): Decision {
  const { person, groups } = caller.session;
  const judge = (of: Target): Decision =>
    policy.decide({ person: { id: person.id, groups }, server, target: policyTarget(policy, server, of) });
  const others = target.kind === 'resource' ? otherReadings(target.name) : [];
  const decisions = [target.name, ...others].map((name) => judge({ ...target, name }));
  return decisions.find(({ outcome }) => outcome === 'deny') ?? decisions[0]!;
}

function policyTarget(policy: Decider, server: string, { kind, name }: Target): PolicyTarget {
  if (kind === 'tool') return { kind, name, effect: policy.effectOf(server, name) };
  return kind === 'resource' ? { kind, uri: name } : { kind, name };
}

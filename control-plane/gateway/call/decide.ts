import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { Decision, PolicyInput, Question } from '../../policy/decision.js';
import { callOutcome } from '../../policy/call-outcome.js';
import type { CallContext } from '../../policy/call-context.js';
import { jointDemand } from '../../policy/approval-demand.js';
import type { PolicyService } from '../../policy/policy.service.js';
import { recordInput } from '../../policy/recorded-input.js';
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
  const decisions = questionsOf(origin, server, target, args).map((question) => policy.decide(question));
  return decisions.find(({ outcome }) => outcome === 'deny') ?? together(decisions);
}

/** A decision about a call, and what is recorded of it so that it can be decided again. */
export interface JudgedCall {
  readonly decision: Decision;
  /** Undefined where nothing was decided by policies, or it would be too long. */
  readonly policyInput?: string | undefined;
  /** Microseconds that the policies took. */
  readonly micros?: number | undefined;
  /** What it was decided by. */
  readonly asked?: { readonly input: PolicyInput; readonly readings: readonly string[] } | undefined;
}

/** The same for a call, with what policies read of it. */
export function judge(
  policy: Pick<PolicyService, 'judge' | 'readsOf'>,
  origin: Origin,
  server: string,
  target: Target,
  args: JsonObject,
): JudgedCall {
  const startedAt = performance.now();
  const judgements = questionsOf(origin, server, target, args).map((question) => policy.judge(question));
  const micros = Math.round((performance.now() - startedAt) * 1_000);
  const decisions = judgements.map(({ decision }) => decision);
  const decision = decisions.find(({ outcome }) => outcome === 'deny') ?? together(decisions);
  const [first, ...others] = judgements.flatMap(({ input }) => input ?? []);
  const readings = others.map(({ target: { name } }) => name);
  if (first === undefined) return { decision, micros };
  const policyInput = recordInput(first, readings, policy.readsOf(first), decision.held);
  return { decision, policyInput, micros, asked: { input: first, readings } };
}

/** Tells those who compare what came of it; a sign-in that was refused is a denial that keeps its demand. */
export function announce(
  policy: Pick<PolicyService, 'decided'>,
  { decided, decision }: { readonly decided: JudgedCall; readonly decision: Decision },
  record: string,
): void {
  const { asked } = decided;
  if (asked === undefined || decision.failed) return;
  const unmet = decision.outcome === 'deny' && decided.decision.outcome === 'allow';
  policy.decided({
    record,
    ...asked,
    outcome: unmet ? callOutcome(decided.decision, asked.input) : callOutcome(decision, asked.input),
  });
}

function questionsOf(origin: Origin, server: string, target: Target, args: JsonObject | undefined): Question[] {
  const { person, groups } = origin.caller.session;
  const context = contextOf(origin, Date.now());
  const others = target.kind === 'resource' ? otherReadings(target.name) : [];
  return [target.name, ...others].map((name) => {
    return { person: { id: person.id, groups }, server, target: { ...target, name }, context, args };
  });
}

/** Of decisions that all allow: the first, with all that any of them demands. */
function together(decisions: readonly Decision[]): Decision {
  const demands = decisions.flatMap(({ stepUp }) => (stepUp === undefined ? [] : [stepUp]));
  const stepUp = strictestDemand(demands);
  const approval = jointDemand(decisions.flatMap((decision) => decision.approval ?? []));
  return { ...decisions[0]!, ...(stepUp ? { stepUp } : {}), ...(approval ? { approval } : {}) };
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

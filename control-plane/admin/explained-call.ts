import type { ExplainedCall, ExplanationDetails } from '#shared/api/explain.js';
import type { ListedPerson } from '#shared/api/person.js';
import type { Explanation } from '../policy/explain/explain.js';
import type { Explained } from '../simulation/explanations.service.js';
import { outcomeThen } from '../simulation/replay-calls.js';

/** An explanation as the API shows it: what was recorded is what was decided, whatever policies say today. */
export function explainedCall(
  explained: Explained,
  person: ListedPerson | undefined,
  everything: boolean,
): ExplainedCall {
  const { at, call, explanation, server, target } = explained;
  return {
    reference: call?.id ?? null,
    at: new Date(at).toISOString(),
    person: person ?? { id: explained.person, email: null, name: null },
    server: server ?? null,
    target: target ?? null,
    outcome: call === undefined ? (explanation?.outcome ?? 'deny') : outcomeThen(call.facts),
    sentence: call?.reason ?? explanation?.reason ?? 'Nothing more was recorded about this decision.',
    details: everything ? detailsOf(explained) : null,
  };
}

function detailsOf({ call, explanation, revision, notes }: Explained): ExplanationDetails {
  const tool = explanation?.input.target.kind === 'tool' ? explanation.input.target : undefined;
  return {
    revision: revision ?? null,
    exact: explanation !== undefined && (call === undefined || explanation.revision === call.facts.policyRevision),
    policies: [...(call?.facts.policies ?? explanation?.policies ?? [])],
    texts: explanation?.shown.map((policy) => ({ ...policy })) ?? [],
    ...demandsOf(explanation),
    groups: [...(explanation?.input.person.groups ?? [])],
    effect: tool?.effect ?? null,
    reviewed: tool?.reviewed ?? null,
    grant: call?.facts.grant ?? explanation?.input.grant?.id ?? null,
    nearest: explanation?.nearest.map(({ sentence, policy }) => ({ sentence, policy: { ...policy } })) ?? [],
    notes: [...notes],
  };
}

function demandsOf(explanation: Explanation | undefined): Pick<ExplanationDetails, 'stepUp' | 'approval'> {
  const { stepUp, approval } = explanation ?? {};
  const demand = stepUp && {
    maxAge: stepUp.maxAge ?? null,
    acrValues: stepUp.acrValues ? [...stepUp.acrValues] : null,
  };
  return { stepUp: demand ?? null, approval: approval?.groups.map((groups) => Array.from(groups)) ?? null };
}

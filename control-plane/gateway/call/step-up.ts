import { meets } from '#shared/api/step-up.js';
import { StepUpNeeded } from '../../identity/step-up.js';
import type { Caller } from '../../identity/caller.js';
import type { Decision } from '../../policy/decision.js';
import type { StepUpDemand } from '../../policy/step-up.js';
import type { Identifier } from './identify.js';

/**
 * Step 4, its second half: whether the sign-in is what the policies demand, judged at this moment and never remembered. One
 * that is not is looked up once more, because the person may have confirmed it at another replica a moment ago. The denial
 * keeps the demand.
 */
export async function judgeSignIn(
  identity: Pick<Identifier, 'readSession'>,
  { session }: Pick<Caller, 'session'>,
  decision: Decision,
): Promise<Decision> {
  const { outcome, stepUp } = decision;
  if (outcome === 'deny' || stepUp === undefined || meets(session, stepUp, Date.now())) return decision;
  const latest = await identity.readSession(session.id);
  if (latest && meets(latest, stepUp, Date.now())) return decision;
  return { ...decision, outcome: 'deny', policies: stepUp.policies, reason: `${demandText(stepUp)} ${stepUp.reason}` };
}

/** What the client of a call is told that needs another sign-in. */
export function stepUpNeeded(demand: StepUpDemand, reference: string): StepUpNeeded {
  const named = `(policy ${demand.policies.join(', ')})`;
  return new StepUpNeeded(
    demand,
    `${demandText(demand)} Company policy ${named}: ${demand.reason} Reference: ${reference}.`,
  );
}

function demandText({ maxAge, acrValues }: StepUpDemand): string {
  const age = maxAge === undefined ? '' : ` from the last ${ageText(maxAge)}`;
  const kind = acrValues === undefined ? '' : ` of the kind ${acrValues.join(' or ')} (acr)`;
  return `This call needs a sign-in${age}${kind}.`;
}

function ageText(seconds: number): string {
  if (seconds % 3600 === 0) return plural(seconds / 3600, 'hour');
  return seconds % 60 === 0 ? plural(seconds / 60, 'minute') : plural(seconds, 'second');
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

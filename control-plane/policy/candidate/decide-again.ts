import type { CallOutcome } from '#shared/api/policies.js';
import type { Settings } from '../../config/settings.js';
import { ArgumentReads } from '../argument-reads.js';
import { callOutcome, decidingPolicies } from '../call-outcome.js';
import { DecisionCache } from '../decision-cache.js';
import { decisionKeys } from '../decision-key.js';
import type { Decision, PolicyInput } from '../decision.js';
import { evaluate, type CompiledPolicies } from '../evaluate/evaluate.js';
import { covers } from '../picked-arguments.js';
import { readInput } from '../recorded-input.js';
import { resolveQuestion } from '../resolve-question.js';
import { traitsOf } from '../policy-traits.js';
import { readFacts, withGroups } from '../read-facts.js';
import { sliceByServer } from '../slices.js';
import { SlotBank } from '../slot-bank.js';

/** What a set of policies makes of a recorded call. */
export type Again =
  | { readonly kind: 'decided'; readonly outcome: CallOutcome; readonly policies: readonly string[] }
  | { readonly kind: 'unknown'; readonly why: Unknown };

/** It cannot be read, it lacks arguments that are needed now, or the engine failed over it. */
type Unknown = 'unreadable' | 'arguments' | 'failed';

/** Decides recorded calls by one set of policies. The engine keeps the set for the life of its thread. */
export class DecideAgain {
  readonly #reads: ArgumentReads;
  readonly #decisions: DecisionCache;

  constructor(
    policies: CompiledPolicies,
    private readonly settings: Pick<Settings, 'servers' | 'networks'>,
    bank: string,
  ) {
    const traits = traitsOf(policies.texts);
    const slices = sliceByServer(policies.texts, settings.servers, traits);
    this.#reads = new ArgumentReads(slices, traits);
    const slotOf = new SlotBank(bank).load(slices, policies.unlessMet);
    const factsOf = readFacts(slices, traits);
    const evaluateHere = (input: PolicyInput): Decision => {
      const facts = factsOf(input.server);
      return evaluate(slotOf(input.server), policies, withGroups(input, facts), facts.session);
    };
    this.#decisions = new DecisionCache(decisionKeys(slices, traits, policies), evaluateHere);
  }

  /** Whose effects and labels count is these settings'; whether a tool was reviewed and a grant was held is as it was then. */
  decide(recorded: string): Again {
    const read = readInput(recorded);
    if (read === undefined) return { kind: 'unknown', why: 'unreadable' };
    const { input, readings, reads = [], unjudged = false } = read;
    if (!Object.hasOwn(this.settings.servers, input.server)) return DENIED;
    const wanted = this.#reads.of(input.server, input.target);
    if (!covers(reads, wanted)) return { kind: 'unknown', why: 'arguments' };
    if (unjudged && wanted.length > 0) {
      // What could not be judged is among what was read then, and whoever reads all of that cannot judge it either.
      return covers(wanted, reads) ? DENIED : { kind: 'unknown', why: 'arguments' };
    }
    return this.#strictest([input.target.name, ...readings].map((name) => this.#inputAs(input, name)));
  }

  #strictest(inputs: readonly PolicyInput[]): Again {
    const decided = inputs.map((input) => {
      const decision = this.#decisions.decide(input);
      return { decision, outcome: callOutcome(decision, input) };
    });
    if (decided.some(({ decision }) => decision.failed)) return { kind: 'unknown', why: 'failed' };
    const [strictest] = decided.toSorted((a, b) => STRICTNESS[a.outcome] - STRICTNESS[b.outcome]);
    if (strictest === undefined) return { kind: 'unknown', why: 'unreadable' };
    return { kind: 'decided', outcome: strictest.outcome, policies: decidingPolicies(strictest.decision) };
  }

  #inputAs({ target: { kind, name: _spelled, ...facts }, grant, ...question }: PolicyInput, name: string): PolicyInput {
    const isReviewed = (): boolean => !('reviewed' in facts) || facts.reviewed;
    const asked = { ...question, target: { kind, name } };
    return resolveQuestion(asked, this.settings, { isReviewed, grantFor: () => grant });
  }
}

const DENIED: Again = { kind: 'decided', outcome: 'deny', policies: [] };
const STRICTNESS: Readonly<Record<CallOutcome, number>> = { deny: 0, 'step-up': 1, approval: 2, allow: 3 };

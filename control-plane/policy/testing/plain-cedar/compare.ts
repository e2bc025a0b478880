import * as fc from 'fast-check';
import { expect } from 'vitest';
import { settingsSchema } from '../../../config/settings.js';
import { assembleArguments, assemblePolicies } from '../../assemble-policies.js';
import { readersOf } from '../../check-arguments.js';
import { DecisionCache } from '../../decision-cache.js';
import { decisionKeys } from '../../decision-key.js';
import type { Decision, PolicyInput } from '../../decision.js';
import { evaluate, NO_POLICIES, type CompiledPolicies } from '../../evaluate/evaluate.js';
import { traitsOf } from '../../policy-traits.js';
import { readFacts, withGroups } from '../../read-facts.js';
import { sliceByServer } from '../../slices.js';
import { SlotBank } from '../../slot-bank.js';
import { readPolicies } from '../../source/read-policies.js';
import { expectedOf, type Expected } from './oracle.js';
import { DEFINITIONS, drawnInputs, SERVERS } from './random-inputs.js';
import { drawnPolicies, textOf, type DrawnPolicy } from './random-policies.js';

const SETTINGS = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: { providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:IDP_SECRET' } } },
  servers: Object.fromEntries(
    Object.entries(SERVERS).map(([id, server]) => [id, { url: `https://${id}.acme.example/mcp`, ...server }]),
  ),
});
const SEED = 20_261_124;
const BANK = new SlotBank('plain-cedar');

/** How often each kind of answer came, so that a test can see that it was no empty exercise. */
interface Seen {
  allow: number;
  deny: number;
  demanding: number;
  listed: number;
  known: number;
}

/** For random sets of policies and ten random inputs each: what is answered, twice, is what plain Cedar answers over all of the policies. */
export function compareWithPlainCedar(sets: number): Seen {
  const seen: Seen = { allow: 0, deny: 0, demanding: 0, listed: 0, known: 0 };
  const property = fc.property(drawnPolicies, drawnInputs, (policies, inputs) => {
    const decided = deciderOf(policies);
    for (const input of inputs) {
      const expected = { input, answer: expectedOf(policies, input) };
      const decision = decided.decide(input);
      expect({ input, answer: answerOf(decision) }).toEqual(expected);
      expect({ input, answer: answerOf(decided.decide(input)) }).toEqual(expected);
      count(seen, input, decision);
    }
    seen.known += 2 * inputs.length - decided.evaluated();
  });
  fc.assert(property, { seed: SEED, numRuns: sets });
  return seen;
}

function count(seen: Seen, input: PolicyInput, decision: Decision): void {
  seen[decision.outcome] += 1;
  if (decision.stepUp ?? decision.approval) seen.demanding += 1;
  if (input.args === undefined) seen.listed += 1;
}

/** As the service puts it together, but for the validation: the policies are drawn valid. */
function deciderOf(drawn: readonly DrawnPolicy[]): { decide(input: PolicyInput): Decision; evaluated(): number } {
  const { policies } = readPolicies({ file: 'policies/drawn.cedar', text: drawn.map((one) => textOf(one)).join('\n') });
  const compiled: CompiledPolicies = {
    ...NO_POLICIES,
    ...assemblePolicies(policies),
    ...assembleArguments(readersOf(policies, SETTINGS, DEFINITIONS), DEFINITIONS),
  };
  const traits = traitsOf(compiled.texts);
  const slices = sliceByServer(compiled.texts, SETTINGS.servers, traits);
  const slotOf = BANK.load(slices, compiled.unlessMet);
  const factsOf = readFacts(slices, traits);
  let evaluated = 0;
  const cache = new DecisionCache(decisionKeys(slices, traits, compiled), (input) => {
    evaluated += 1;
    const facts = factsOf(input.server);
    const decision = evaluate(slotOf(input.server), compiled, withGroups(input, facts), facts.session);
    expect(decision).toEqual(evaluate(slotOf(input.server), compiled, input));
    return decision;
  });
  return { decide: (input) => cache.decide(input), evaluated: () => evaluated };
}

function answerOf({ outcome, policies, stepUp, approval, failed }: Decision): Expected {
  if (failed) throw new Error('Nothing that is drawn makes an evaluation fail.');
  return { outcome, policies, maxAge: stepUp?.maxAge, acr: stepUp?.acrValues, approvers: approval?.groups };
}

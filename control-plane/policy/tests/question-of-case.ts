import type { Settings } from '../../config/settings.js';
import type { CallContext } from '../call-context.js';
import type { PolicyInput } from '../decision.js';
import type { PolicyFacts } from '../policy-facts.js';
import { resolveQuestion } from '../resolve-question.js';
import { targetOf, type PolicyCase } from './case-schema.js';

/** No network of anybody (RFC 5737). */
const NOWHERE = '192.0.2.1';
/** Nobody's, so that no policy that names a person speaks of them. */
const NOBODY = 'usr_nobody';

/** What policies would read of a case, had it happened under these settings. */
export function inputOfCase(one: PolicyCase, settings: Settings): PolicyInput {
  const { as, server, args, reviewed, grant } = one;
  const facts: PolicyFacts = {
    isReviewed: () => reviewed,
    grantFor: () => (grant === undefined ? undefined : { id: 'gra_test', kind: grant }),
  };
  const person = { id: as.person ?? NOBODY, groups: as.groups };
  const question = { person, server, target: targetOf(one), context: contextOf(one, settings), args };
  return resolveQuestion(question, settings, facts);
}

function contextOf({ as, at }: PolicyCase, { networks }: Settings): CallContext {
  const now = Date.parse(at);
  return {
    now,
    address: as.address ?? firstAddress(as.network === undefined ? undefined : networks[as.network]) ?? NOWHERE,
    acr: as.acr ?? null,
    amr: as.amr,
    signedInAt: now - as.signInAgeMinutes * 60_000,
    sessionKind: as.kind,
    client: as.client,
    claimedClient: as.claimedClient ?? null,
    device: as.device ?? null,
    managedDevice: as.managedDevice,
    agents: as.agents,
  };
}

/** Of a network in CIDR form. */
function firstAddress(network: readonly string[] | undefined): string | undefined {
  return network?.[0]?.split('/')[0];
}

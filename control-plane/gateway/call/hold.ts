import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { answerHeld } from './answer-held.js';
import { awaitApproval } from './await-approval.js';
import type { JudgedCall } from './decide.js';
import { writeIntent } from './intent.js';
import type { Judged } from './judge-approval.js';
import type { Identified } from './post.js';

type JudgedInFull = Judged & Pick<JudgedCall, 'policyInput'>;
type Held = JudgedInFull & Required<Pick<Judged, 'held'>>;

/**
 * A call that waits for somebody's approval: on record once, then waited for or answered. Resolves with the reference of the
 * record where the call is to be judged anew, which happens once in a request (`before`: that reference).
 */
export async function hold(
  parts: Parts,
  request: Identified,
  { held: { asked, reference: known }, to, ...judged }: Held,
  client: ClientResponse,
  before: string | undefined,
): Promise<string | undefined> {
  const written = before ?? known;
  const reference = written ?? (await writeIntent(parts.audit, request.origin, to, judged, asked.id)).id;
  const cameBack = known !== undefined;
  if (before === undefined && (await awaitApproval(parts, request, asked, cameBack, client))) return reference;
  answerHeld(parts, request, to, { asked, reference, revision: judged.decision.revision }, !cameBack, client);
  return undefined;
}

export function isHeld(judged: JudgedInFull): judged is Held {
  return judged.held !== undefined;
}

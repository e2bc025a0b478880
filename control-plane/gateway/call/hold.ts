import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { answerHeld } from './answer-held.js';
import { awaitHeld } from './await-held.js';
import type { Judged, Waited } from './awaited.js';
import type { JudgedCall } from './decide.js';
import { writeIntent } from './intent.js';
import type { Identified } from './post.js';

type JudgedInFull = Judged & Pick<JudgedCall, 'policyInput' | 'micros'>;
type Held = JudgedInFull & Required<Pick<Judged, 'held'>>;

/**
 * A call that waits for somebody: on record once, then waited for or answered. Resolves with what it has waited for where the
 * call is to be judged anew, which happens once in a request for each kind (`waited`: for which it has happened).
 */
export async function hold(
  parts: Parts,
  request: Identified,
  { held: { awaited, reference: known }, to, ...judged }: Held,
  client: ClientResponse,
  waited: Waited,
): Promise<Waited | undefined> {
  const { kind, id } = awaited;
  const before = waited.get(kind)?.reference;
  const written = before ?? known;
  const reference = written ?? (await writeIntent(parts, request.origin, to, judged, { [kind]: id })).id;
  const cameBack = known !== undefined;
  if (before === undefined && (await awaitHeld(parts, request, awaited, cameBack, client))) {
    return new Map(waited).set(kind, { id, reference });
  }
  answerHeld(parts, request, to, { awaited, reference, revision: judged.decision.revision }, !cameBack, client);
  return undefined;
}

export function isHeld(judged: JudgedInFull): judged is Held {
  return judged.held !== undefined;
}

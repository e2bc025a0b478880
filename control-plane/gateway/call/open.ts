import { correlate, correlated } from '../../correlation/correlate.js';
import { sampled } from '../../correlation/trace.js';
import type { Caller } from '../../identity/caller.js';
import { legacyClient, modernClient } from '../eras/client-side.js';
import { agreedSession, lifted, requestKey, requireSession } from '../eras/legacy-client.js';
import type { RequestObservation } from '../../observability/requests/request-observation.js';
import type { Parts } from '../parts.js';
import { askedBy } from './asked-by.js';
import { claimedClient } from './call-record.js';
import { openedFacts } from './observed.js';
import type { Identified, Post } from './post.js';
import type { ReceivedRequest } from './receive.js';

/** Takes an identified request in: in the modern form, as a part of its trace and of its agents' session, within the bounds, within reach of cancellation. */
export function open(
  parts: Parts,
  post: Post,
  caller: Caller,
  { era, message, bytes }: ReceivedRequest,
  observation: RequestObservation,
): Identified {
  const { request, server: endpoint, address } = post;
  const opened = message.method === 'initialize' ? 'initialize' : era;
  const session =
    opened === 'initialize'
      ? agreedSession(caller, message, endpoint)
      : opened === 'legacy'
        ? requireSession(parts, caller, request.headers, endpoint, message.id)
        : undefined;
  const level = session && parts.clientSessions.peek(session)?.logLevel;
  const modern = session === undefined ? message : lifted(message, session, level);
  const key = session === undefined || opened === 'initialize' ? undefined : requestKey(session, message.id);
  const correlation = correlate(caller, modern, request.headers);
  const known = openedFacts(post, message.id, correlation, session, parts.observer.showsAddresses);
  const trace = observation.opened(known) ? sampled(correlation.trace) : correlation.trace;
  return {
    origin: {
      caller,
      address,
      claimedClient: claimedClient(modern.params),
      correlation,
      asked: askedBy(post, bytes, message.id),
    },
    era,
    id: message.id,
    message: correlated(modern, { ...correlation, trace }),
    endpoint,
    client: session === undefined ? modernClient(modern.params) : legacyClient(session),
    session,
    call: parts.calls.begin(caller.session, key),
    observation,
  };
}

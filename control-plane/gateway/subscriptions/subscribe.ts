import { CodedError } from '#shared/errors.js';
import type { Identified } from '../call/post.js';
import type { CallRoute } from '../call/route.js';
import { responseOf } from '../input/required.js';
import type { Parts } from '../parts.js';
import type { RelayedResponse } from '../relay/relay.js';

/**
 * A legacy client's `resources/subscribe` or `resources/unsubscribe`. What it subscribed to is kept here and heard for
 * it, in the server's own era, while its stream is open. Throws `rate_limited`.
 */
export function subscribe(
  { clientSessions }: Pick<Parts, 'clientSessions'>,
  { id, session }: Identified,
  { server, target }: CallRoute,
  change: 'add' | 'remove',
): RelayedResponse {
  if (session === undefined) throw new CodedError('method_unknown');
  if (change === 'add') clientSessions.subscribe(session, server, target.name);
  else clientSessions.unsubscribe(session, server, target.name);
  clientSessions.peek(session)?.stream?.changed(server);
  return responseOf({ jsonrpc: '2.0', id, result: {} });
}

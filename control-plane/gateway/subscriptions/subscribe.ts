import { CodedError } from '#shared/errors.js';
import type { Identified } from '../call/post.js';
import type { CallRoute } from '../call/route.js';
import { responseOf } from '../input/required.js';
import type { Parts } from '../parts.js';
import type { RelayedResponse } from '../relay/relay.js';

const MAX_URIS = 1_000;

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
  const state = clientSessions.of(session);
  const uris = state.subscriptions.get(server) ?? new Set();
  if (change === 'add' && uris.size >= MAX_URIS) throw new CodedError('rate_limited');
  if (change === 'add') uris.add(target.name);
  else uris.delete(target.name);
  state.subscriptions.set(server, uris);
  state.stream?.changed(server);
  return responseOf({ jsonrpc: '2.0', id, result: {} });
}

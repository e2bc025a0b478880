import { beforeTheCall } from '../../upstreams/before-the-call.js';
import { withDeadline } from '../lists/deadline.js';
import { fetchList } from '../lists/fetch-list.js';
import type { Parts } from '../parts.js';
import { recordOf } from './call-record.js';
import { listScope, type Identified } from './post.js';
import type { ListMethod } from './route.js';

/**
 * Asks a server for its list on the way of a call that it does not act on yet: on record before it hears of it, and within
 * `limits.listSeconds`. Throws the errors of the audit and of the far side, none of which leaves the call in doubt.
 */
export async function listOnRecord(parts: Parts, request: Identified, server: string, list: ListMethod): Promise<void> {
  const { origin, call } = request;
  await parts.audit.write(recordOf(origin, 'list', 'event', { server, target: list, decision: 'allow' }));
  await withDeadline(call.signal, parts.limits.listSeconds * 1_000, (signal) =>
    beforeTheCall(fetchList(parts, server, list, { ...listScope(request), signal })),
  );
}

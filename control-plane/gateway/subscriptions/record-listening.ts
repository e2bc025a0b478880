import type { AuditWriter } from '../../audit/record.js';
import { recordOf, type Origin } from '../call/call-record.js';

/** Who listens to which servers is on record before they hear of it; so is who may not. */
export async function recordListening(
  audit: AuditWriter,
  origin: Origin,
  target: string,
  endpoint: string | undefined,
  allowed: boolean,
): Promise<void> {
  const decision = endpoint === undefined || allowed ? ('allow' as const) : ('deny' as const);
  const facts = { target, ...(endpoint === undefined ? {} : { server: endpoint }), decision };
  await audit.write(recordOf(origin, 'list', 'event', facts));
}

import type { AwaitedKind } from '#shared/mcp/meta.js';
import type { AuditWriter, RecordFacts } from '../../audit/record.js';
import { decisionFacts, recordOf, typeOf, type Origin } from './call-record.js';
import type { JudgedCall } from './decide.js';
import type { CallRoute } from './route.js';

export interface IntentWriter extends AuditWriter {
  hashArguments(args: unknown): string;
}

/**
 * Step 5: the decision on durable storage, before a byte leaves: an intent where the call goes on, the whole event
 * where it was refused. `more`: what it has used or waits for. Throws `audit_unavailable`.
 */
export async function writeIntent(
  audit: IntentWriter,
  origin: Origin,
  { server, target, message }: CallRoute,
  { decision, policyInput }: JudgedCall,
  more: Pick<RecordFacts, AwaitedKind> = {},
): Promise<{ readonly id: string; readonly startedAt: number }> {
  const args = message.params?.['arguments'];
  const record = recordOf(
    origin,
    typeOf(target),
    decision.outcome === 'allow' ? 'intent' : 'event',
    { server, target: target.name, ...decisionFacts(decision), ...more },
    {
      reason: decision.reason,
      ...(args === undefined ? {} : { argumentsHash: audit.hashArguments(args) }),
      ...(policyInput === undefined ? {} : { policyInput }),
    },
  );
  const startedAt = performance.now();
  const { id } = await audit.write(record);
  return { id, startedAt };
}

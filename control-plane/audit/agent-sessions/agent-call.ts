import type { AuditEntry } from '#shared/api/audit.js';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import type { RecordFacts } from '../record.js';
import type { RecordedAgent } from '../recorded-agent.js';
import type { Payload } from '../search/load-payloads.js';

/** One call with what is on record of the agent behind it. */
export interface AgentCall {
  readonly entry: AuditEntry;
  readonly facts: Pick<RecordFacts, 'trace' | 'span' | 'parentSpan'>;
  /** Empty where nothing was said, or it can't be read any more. */
  readonly agent: RecordedAgent;
}

export function agentCall(entry: AuditEntry, { facts }: RecordHeader, payload: Payload): AgentCall {
  return { entry, facts, agent: (payload.state === 'shown' ? payload.personal.agent : undefined) ?? {} };
}

import { asCoded } from '#shared/errors.js';
import type { AuditWriter, NewRecord, RecordFacts } from '../../audit/record.js';
import type { Acting, GrantTarget } from './grant.js';

export interface Matter extends GrantTarget {
  readonly type: Extract<NewRecord['type'], `grant.${string}`>;
  /** Id of the grant or the request that it is about. */
  readonly grant: string;
  /** Whose access it is. */
  readonly affected: string;
  readonly reason: string;
  readonly detail?: string;
}

/**
 * Does something that is on record before it happens, and what came of it after. Throws `audit_unavailable` before anything
 * has happened; what has happened stays, also where its outcome cannot be recorded.
 */
export async function onRecord<T>(
  audit: AuditWriter,
  acting: Pick<Acting, 'record'>,
  matter: Matter,
  step: (record: string) => Promise<T>,
): Promise<T> {
  const write = async (phase: NewRecord['phase'], more: RecordFacts, ref?: string): Promise<string> =>
    (await audit.write({ ...recordOf(acting, matter, more), phase, ...(ref === undefined ? {} : { ref }) })).id;
  const intent = await write('intent', { decision: 'allow' });
  try {
    const result = await step(intent);
    await write('outcome', { outcome: 'ok' }, intent).catch(() => undefined);
    return result;
  } catch (error) {
    await write('outcome', { outcome: 'error', code: asCoded(error).code }, intent).catch(() => undefined);
    throw error;
  }
}

function recordOf(
  { record }: Pick<Acting, 'record'>,
  { type, grant, affected, server, tool, reason, detail }: Matter,
  more: RecordFacts,
): Omit<NewRecord, 'phase'> {
  const target = tool === undefined ? {} : { target: tool };
  return {
    type,
    subject: record.subject,
    facts: { ...record.facts, affected, server, ...target, grant, ...more },
    personal: { ...record.personal, reason, ...(detail === undefined ? {} : { detail }) },
  };
}

import { auditLogSchema } from '#shared/api/audit.js';
import { PATHS } from '#shared/api/paths.js';
import type { Stack } from '../../demo/stack/stack.js';
import { credentials, send } from '../support/http.js';
import type { SignedIn } from '../support/person.js';

/** Intents of tool calls, and what became of them. */
export interface AuditedCalls {
  readonly intents: number;
  /** Ids of intents without exactly one outcome. */
  readonly unpaired: readonly string[];
}

/** Reads the log up to the size that it has now: each reading is a record too. */
export async function auditedCalls(stack: Stack, auditor: SignedIn): Promise<AuditedCalls> {
  const outcomes = new Map<string, number>();
  let size = Number.POSITIVE_INFINITY;
  for (let from = 0; from < size;) {
    const url = `${stack.addresses.publicUrl}${PATHS.auditLog}`;
    const answer = await send(`${url}?from=${from}`, { headers: await credentials(auditor, 'GET', url) });
    if (answer.status !== 200) throw new Error(`The audit answered ${answer.status}: ${answer.text}`);
    const { headers, checkpoint } = auditLogSchema.parse(JSON.parse(answer.text));
    if (headers.length === 0) throw new Error(`The log has a gap at ${from}.`);
    // The second line of a checkpoint (C2SP tlog-checkpoint) is the size of the log.
    size = Math.min(size, Number(checkpoint.split('\n')[1]));
    for (const header of headers) note(outcomes, JSON.parse(header) as AuditHeader);
    from += headers.length;
  }
  const unpaired = [...outcomes].filter(([, count]) => count !== 1).map(([id]) => id);
  return { intents: outcomes.size, unpaired };
}

interface AuditHeader {
  readonly id: string;
  readonly type: string;
  readonly phase: string;
  readonly ref?: string;
}

function note(outcomes: Map<string, number>, { id, type, phase, ref = '' }: AuditHeader): void {
  if (type !== 'tool.call') return;
  if (phase === 'intent') outcomes.set(id, 0);
  if (phase === 'outcome') outcomes.set(ref, (outcomes.get(ref) ?? Number.NaN) + 1);
}

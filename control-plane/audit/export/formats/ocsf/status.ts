import type { ExportedRecord } from '../../exported-record.js';
import { OTHER } from './classes.js';

const UNKNOWN = { status_id: 0, status: 'Unknown' };
const SUCCESS = { status_id: 1, status: 'Success' };
const FAILURE = { status_id: 2, status: 'Failure' };

interface OcsfStatus extends Status {
  readonly status_code?: string;
  readonly severity_id: number;
  readonly severity: string;
}

type Status = { readonly status_id: number; readonly status: string };

const OUTCOMES: Readonly<Record<string, Status>> = {
  ok: SUCCESS,
  tool_error: FAILURE,
  error: FAILURE,
  cancelled: { status_id: OTHER, status: 'Cancelled' },
  unknown: UNKNOWN,
};

/** To say no is what these do when they succeed. */
const DECISIONS = new Set(['approval.decide', 'review.decide', 'grant.refuse']);
const REFUSALS = new Set(['auth.refused', 'admin.refused', 'catalog.refuse', 'connection.refuse']);

/** What somebody should look at however it ended. */
const ALARMS = new Set(['auth.break-glass', 'session.disown']);

/** Status and severity: an intent that is allowed has no outcome as yet, which comes as an event of its own. */
export function statusOf({ header: { type, phase, facts } }: ExportedRecord): OcsfStatus {
  const status = statusFrom(type, phase, facts);
  const code = facts['code'] ?? facts['outcome'];
  return {
    ...status,
    ...(typeof code === 'string' ? { status_code: code } : {}),
    ...severityOf(type, status),
  };
}

function statusFrom(type: string, phase: string, { outcome, decision }: ExportedRecord['header']['facts']): Status {
  if (typeof outcome === 'string') return OUTCOMES[outcome] ?? UNKNOWN;
  if (DECISIONS.has(type)) return SUCCESS;
  if (decision === 'deny' || REFUSALS.has(type)) return FAILURE;
  return phase === 'intent' ? { status_id: OTHER, status: 'Allowed' } : SUCCESS;
}

function severityOf(type: string, { status_id }: Status): Pick<OcsfStatus, 'severity_id' | 'severity'> {
  if (ALARMS.has(type)) return { severity_id: 4, severity: 'High' };
  return status_id === FAILURE.status_id
    ? { severity_id: 2, severity: 'Low' }
    : { severity_id: 1, severity: 'Informational' };
}

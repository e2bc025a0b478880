import { asCoded, type CodedError, type ErrorCode } from '#shared/errors.js';
import type { AuditWriter, RecordFacts, RecordPersonal } from '../../audit/record.js';
import { redactText } from '../../credentials/redaction.js';
import type { ScanFacts } from '../relay/scan-facts.js';
import { recordOf, typeOf, type Origin } from './call-record.js';
import type { Intent } from './intent.js';
import type { Target } from './route.js';

export interface Outcome {
  readonly outcome: NonNullable<RecordFacts['outcome']>;
  /** Our error code, or the upstream's JSON-RPC code as text. */
  readonly code?: string;
}

/** What a complete response says of the call. Its code is the server's word, so it may be one of the secrets. */
export function outcomeOf(
  { error, errorCode, isError, inputRequired }: ScanFacts,
  secrets: readonly string[],
): Outcome {
  if (error)
    return { outcome: 'error', ...(errorCode === undefined ? {} : { code: redactText(secrets, `${errorCode}`) }) };
  if (inputRequired) return { outcome: 'ok', code: 'input_required' };
  return { outcome: isError ? 'tool_error' : 'ok' };
}

const OUTCOMES: Partial<Record<ErrorCode, Outcome['outcome']>> = {
  interrupted: 'cancelled',
  session_ended: 'cancelled',
  shutting_down: 'cancelled',
  outcome_unknown: 'unknown',
  upstream_timeout: 'unknown',
};

/** What a failure says of it. */
export function outcomeOfError({ code }: CodedError): Outcome {
  return { outcome: OUTCOMES[code] ?? 'error', code };
}

export interface Finished {
  readonly origin: Origin;
  readonly server: string;
  readonly target: Target;
  readonly intent: Intent;
  readonly credential: Pick<RecordFacts, 'credential' | 'credentialOf' | 'credentialVersion'>;
  readonly bytes: number;
  /** More that is known of the answer. */
  readonly answer: Pick<RecordFacts, 'status' | 'redactions'>;
  /** What `audit.capture` keeps of it. */
  readonly kept: RecordPersonal;
}

/** Step 9: what came of the call, durable before its last bytes leave. Answers the error where it cannot be written. */
export async function writeOutcome(
  audit: AuditWriter,
  finished: Finished,
  outcome: Outcome,
): Promise<CodedError | undefined> {
  const { origin, server, target, intent, credential, bytes, answer, kept } = finished;
  const facts = {
    server,
    ...intent.target.facts,
    ...outcome,
    ...credential,
    durationMs: Math.round(performance.now() - intent.startedAt),
    bytes,
    ...answer,
  };
  try {
    const personal = { ...intent.target.personal, ...kept };
    await audit.write({ ...recordOf(origin, typeOf(target), 'outcome', facts, personal), ref: intent.id });
    return undefined;
  } catch (error) {
    return asCoded(error);
  }
}

import type { AwaitedKind } from '#shared/mcp/meta.js';
import { capturedArguments } from '../../audit/capture/captured-arguments.js';
import { captureLevels } from '../../audit/capture/capture-levels.js';
import type { AuditWriter, RecordFacts, RecordPersonal } from '../../audit/record.js';
import type { CaptureSettings } from '../../config/audit-settings.js';
import type { DefinitionsService } from '../../policy/definitions/definitions.service.js';
import { withoutArguments } from '../../policy/recorded-input.js';
import { decisionFacts, recordOf, typeOf, type Origin } from './call-record.js';
import type { JudgedCall } from './decide.js';
import type { Naming } from './named-by-others.js';
import { toolOf, type CallRoute } from './route.js';
import { captureFacts, serverFacts } from './server-on-record.js';
import { targetOnRecord, type TargetOnRecord } from './target-on-record.js';

interface IntentWriter extends AuditWriter {
  hashArguments(args: unknown): string;
}

interface IntentParts extends Naming {
  readonly audit: IntentWriter;
  readonly capture: CaptureSettings;
  readonly definitions: Pick<DefinitionsService, 'pinOf'>;
}

type Kept = Pick<RecordPersonal, 'argumentsHash' | 'policyInput' | 'arguments' | 'truncated'>;

/** A decision that is on record. `startedAt`: by `performance.now()`. */
export interface Intent {
  readonly id: string;
  readonly startedAt: number;
  readonly target: TargetOnRecord;
}

/**
 * Step 5: the decision on durable storage, before a byte leaves: an intent where the call goes on, the whole event
 * where it was refused. `more`: what it has used or waits for. Throws `audit_unavailable`.
 */
export async function writeIntent(
  parts: IntentParts,
  origin: Origin,
  to: CallRoute,
  judged: JudgedCall,
  more: Pick<RecordFacts, AwaitedKind> = {},
): Promise<Intent> {
  const { audit, capture, definitions } = parts;
  const { server, target } = to;
  const named = targetOnRecord(parts, server, target);
  const { decision, micros } = judged;
  const timed = micros === undefined ? {} : { decisionMicros: micros };
  const pin = target.kind === 'tool' ? definitions.pinOf(server, target.name) : undefined;
  const pinned = pin === undefined ? {} : { pin };
  const record = recordOf(
    origin,
    typeOf(target),
    decision.outcome === 'allow' ? 'intent' : 'event',
    {
      server,
      ...serverFacts(parts, server),
      ...named.facts,
      ...captureFacts(capture, to),
      ...decisionFacts(decision),
      ...timed,
      ...pinned,
      ...more,
    },
    { reason: decision.reason, ...named.personal, ...keptArguments(audit, capture, to, judged.policyInput) },
  );
  const startedAt = performance.now();
  const { id } = await audit.write(record);
  return { id, startedAt, target: named };
}

/** As `audit.capture` says: each level has what those before it have. */
function keptArguments(
  audit: IntentWriter,
  capture: CaptureSettings,
  { server, target, message }: CallRoute,
  policyInput: string | undefined,
): Kept {
  const level = captureLevels(capture, server, toolOf(target)).arguments;
  const args = argumentsSent(message, target);
  const hashed = message.params?.['arguments'];
  const isBelowPolicy = level === 'none' || level === 'hash';
  const input = policyInput !== undefined && isBelowPolicy ? withoutArguments(policyInput) : policyInput;
  return {
    ...(hashed === undefined || level === 'none' ? {} : { argumentsHash: audit.hashArguments(hashed) }),
    ...(input === undefined ? {} : { policyInput: input }),
    ...capturedArguments({ arguments: level, maxBytes: capture.maxBytes }, args),
  };
}

/** Of a method, which has no arguments of that name, all parameters but the envelope. */
function argumentsSent({ params }: CallRoute['message'], { kind }: CallRoute['target']): unknown {
  if (kind !== 'method') return params?.['arguments'];
  const { _meta: _envelope, ...others } = params ?? {};
  return Object.keys(others).length === 0 ? undefined : others;
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CallOutcome } from '#shared/api/policies.js';
import type { UnknownCalls } from '#shared/api/replay.js';
import type { AuditService } from '../audit/audit.service.js';
import type { RecordFacts } from '../audit/record.js';
import type { RecordedCall } from '../audit/search/recorded-calls.js';
import type { CandidateEngine } from '../policy/candidate/candidate-engine.js';
import type { Again } from '../policy/candidate/decide-again.js';
import { Differences } from './differences.js';

/** Records that are read and opened in one go: some 7 ms of the thread that serves. */
const BATCH = 100;

export interface ReplayRange {
  /** Epoch milliseconds; `until` is exclusive. */
  readonly since: number;
  readonly until: number;
}

/** What a replay has found so far; it counts on while the replay runs. */
export class Findings {
  replayed = 0;
  unchanged = 0;
  readonly unknown: UnknownCalls = { unrecorded: 0, erased: 0, unreadable: 0, arguments: 0, failed: 0 };
  readonly differences = new Differences();

  add({ id, facts, target = '', input, payload }: RecordedCall, again: Again | undefined): void {
    this.replayed += 1;
    if (again === undefined || input === undefined) {
      this.unknown[payload === 'shown' ? 'unrecorded' : 'erased'] += 1;
    } else if (again.kind === 'unknown') this.unknown[again.why] += 1;
    else {
      const before = outcomeThen(facts);
      const { person = '', server = '' } = facts;
      const { outcome: after, policies } = again;
      if (before === after) this.unchanged += 1;
      else this.differences.add({ person, server, target, before, after, policies }, id);
    }
  }
}

/** What came of the call when it was made. */
export function outcomeThen({ decision, code, approval }: RecordFacts): CallOutcome {
  if (code === 'step_up_needed') return 'step-up';
  // Somebody approved it, or was asked to: either way the policies demanded it.
  if (approval !== undefined || code?.startsWith('approval_') === true) return 'approval';
  return decision === 'allow' ? 'allow' : 'deny';
}

/** Decides every call of a time again, batch by batch: the engine works on one while the next is read. */
export async function replayCalls(
  audit: Pick<AuditService, 'recordedCalls'>,
  engine: CandidateEngine,
  range: ReplayRange,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  let after: RecordedCall | undefined;
  let underWay: Promise<void> = Promise.resolve();
  do {
    const calls = await audit.recordedCalls({ ...range, after, limit: BATCH });
    await underWay;
    signal.throwIfAborted();
    underWay = decideBatch(engine, calls, findings);
    // The batch that is awaited later must not end the process before.
    underWay.catch(() => undefined);
    after = calls.length === BATCH ? calls.at(-1) : undefined;
    await nextTurn();
  } while (after !== undefined);
  await underWay;
}

async function decideBatch(engine: CandidateEngine, calls: readonly RecordedCall[], findings: Findings): Promise<void> {
  const readable = calls.filter(({ input }) => input !== undefined);
  const decided = readable.length === 0 ? [] : await engine.decide(readable.map(({ input }) => input ?? ''));
  const again = new Map(readable.map(({ id }, index) => [id, decided[index]]));
  for (const call of calls) findings.add(call, again.get(call.id));
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Resource } from '@opentelemetry/resources';
import type { FailureSpell } from './failure-spell.js';
import type { SendOtlp } from './otlp-sender.js';

/** What an export of one signal works with. */
export interface OtlpParts {
  readonly send: SendOtlp;
  readonly spell: FailureSpell;
  readonly resource: Resource;
  /** Ends what is under way. */
  readonly stop: AbortController;
}

/** Milliseconds for what still waits, when everything stops. */
const FLUSH_MS = 2_000;

/** As `ExportResult` of the SDK: 0 is success. */
type Exported = { readonly code: 0 } | { readonly code: 1; readonly error: Error };

/** Sends one body, and tells what came of it. Never rejects. */
export async function deliver(
  { send, spell }: OtlpParts,
  body: Uint8Array | undefined,
  tell: (exported: Exported) => void,
): Promise<void> {
  try {
    await send(body ?? new Uint8Array());
  } catch (error) {
    spell.failed(error);
    tell({ code: 1, error: error instanceof Error ? error : new Error('not exported') });
    return;
  }
  spell.succeeded();
  tell({ code: 0 });
}

/** Leaves what still waits a moment, then drops it. Never rejects. */
export async function flush({ stop }: OtlpParts, sent: Promise<unknown>): Promise<void> {
  await Promise.race([sent.catch(() => undefined), delay(FLUSH_MS, undefined, { ref: false })]);
  stop.abort();
}

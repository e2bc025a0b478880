import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, errorText } from '#shared/errors.js';

/** Something that must work before a call may be answered. Rejects, with an operator's text, where it does not. */
export type Check = () => Promise<void>;

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly milliseconds: number;
  /** For operators only. */
  readonly error?: string;
}

export interface HealthReport {
  readonly ready: boolean;
  /** Public: names no part and no cause. */
  readonly reason: string;
  readonly checks: readonly CheckResult[];
  /** What works, and yet needs an operator: one sentence each. */
  readonly notes: readonly string[];
}

const CHECK_LIMIT_MS = 2000;
const REPORT_LIFE_MS = 1000;

/** Whether this process should be sent calls. One report serves everyone for a second, so asking costs nothing. */
export class Health {
  #phase: 'starting' | 'running' | 'stopping' = 'starting';
  #report: { readonly at: number; readonly results: Promise<readonly CheckResult[]> } | undefined;

  constructor(
    private readonly checks: Readonly<Record<string, Check>>,
    private readonly notes: () => readonly string[] = () => [],
    private readonly now: () => number = () => performance.now(),
  ) {}

  started(): void {
    this.#phase = 'running';
  }

  stopping(): void {
    this.#phase = 'stopping';
  }

  async report(): Promise<HealthReport> {
    const checks = await this.#results();
    const notes = this.notes();
    if (this.#phase !== 'running')
      return { ready: false, reason: `The control plane is ${this.#phase}.`, checks, notes };
    const ready = checks.every((check) => check.ok);
    return { ready, reason: ready ? 'Ready.' : 'A part of the control plane does not answer.', checks, notes };
  }

  #results(): Promise<readonly CheckResult[]> {
    const at = this.now();
    if (!this.#report || at - this.#report.at >= REPORT_LIFE_MS) {
      const runs = Object.entries(this.checks).map(([name, check]) => run(name, check));
      this.#report = { at, results: Promise.all(runs) };
    }
    return this.#report.results;
  }
}

async function run(name: string, check: Check): Promise<CheckResult> {
  const begun = performance.now();
  const took = (): number => Math.round(performance.now() - begun);
  const limit = new AbortController();
  try {
    await Promise.race([check(), tooSlow(limit.signal)]);
    return { name, ok: true, milliseconds: took() };
  } catch (error) {
    return { name, ok: false, milliseconds: took(), error: causeOf(error) };
  } finally {
    limit.abort();
  }
}

/** With what a client is not told. */
function causeOf(error: unknown): string {
  const detail = error instanceof CodedError ? error.detail : undefined;
  return detail === undefined ? errorText(error) : `${errorText(error)} (${detail})`;
}

async function tooSlow(signal: AbortSignal): Promise<void> {
  await delay(CHECK_LIMIT_MS, undefined, { signal, ref: false }).catch(() => undefined);
  if (!signal.aborted) throw new Error(`no answer within ${CHECK_LIMIT_MS} ms`);
}

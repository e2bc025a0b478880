import { asCoded } from '#shared/errors.js';
import { outcomeFailure } from './failure.js';
import type { Failure, ObservedRequest, StepName, TimedStep } from './observed-request.js';

/** Epoch milliseconds with fractions, by the clock that never goes back. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

/** What is known before the request itself is: when its bytes began to come, and who was identified in which time. */
export type Beginning = Pick<ObservedRequest, 'startedAt' | 'steps'>;

/** Collects what is known of one request while it is answered. Steps are timed where the request is traced. */
export class RequestObservation {
  #known: Omit<ObservedRequest, 'startedAt' | 'endedAt' | 'steps'>;
  readonly #steps: TimedStep[];
  #traced = false;

  constructor(
    method: string,
    private readonly beginning: Beginning,
    private readonly samples: (traceId: string) => boolean,
  ) {
    this.#known = { method };
    this.#steps = [...beginning.steps];
  }

  get traced(): boolean {
    return this.#traced;
  }

  /** Its place in a trace is known. Answers whether it is exported. */
  opened(known: Required<Pick<ObservedRequest, 'trace'>> & Partial<ObservedRequest>): boolean {
    this.#traced = this.samples(known.trace.trace);
    this.#known = { ...this.#known, ...known };
    return this.#traced;
  }

  decided(known: Partial<ObservedRequest>): void {
    this.#known = { ...this.#known, ...known };
  }

  async step<T>(name: StepName, run: () => Promise<T>): Promise<T> {
    if (!this.#traced) return run();
    const startedAt = preciseNow();
    const ended = (failed?: string): void => {
      const step = { name, startedAt, endedAt: preciseNow() };
      this.#steps.push(failed === undefined ? step : { ...step, failed });
    };
    try {
      const result = await run();
      ended();
      return result;
    } catch (error) {
      ended(asCoded(error).code);
      throw error;
    }
  }

  /** What came of a call that was allowed. `sentAt`: by `performance.now()`, absent where nothing was sent; `relayed`: the server's answer is the client's. */
  called(
    { sentAt, relayed }: { readonly sentAt: number | undefined; readonly relayed: boolean },
    outcome: Parameters<typeof outcomeFailure>[0],
  ): void {
    const failure = outcomeFailure(outcome);
    if (sentAt !== undefined) {
      const upstreamSeconds = (performance.now() - sentAt) / 1_000;
      const upstreamFailure = failure === undefined ? {} : { upstreamFailure: failure };
      this.#known = { ...this.#known, upstreamSeconds, ...upstreamFailure };
    }
    if (relayed && failure !== undefined) this.#known = { ...this.#known, failure };
  }

  ended(failure: Failure | undefined): ObservedRequest {
    return {
      ...this.#known,
      startedAt: this.beginning.startedAt,
      endedAt: preciseNow(),
      steps: this.#steps,
      ...(failure === undefined ? {} : { failure }),
    };
  }
}

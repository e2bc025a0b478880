import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Seconds: from one fsync of a fast disk to the limit after which a record is given up. */
const WRITE_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
/** Records that are the end of a sign-in, and what it came to. */
const SIGN_INS: Readonly<Record<string, string>> = { 'auth.sign-in': 'ok', 'auth.refused': 'refused' };

/** Writing of the audit log. No call goes on without it, so it is what an operator looks at first. */
export class AuditMetrics {
  readonly #writes: Histogram;
  readonly #failures: Counter;
  readonly #records: Counter<'type' | 'phase'>;
  readonly #leftOut: Counter<'type'>;
  readonly #signIns: Counter<'outcome'>;
  #waiting: () => number = () => 0;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#writes = new Histogram({
      name: 'mcp_sso_audit_write_duration_seconds',
      help: 'How long a record waited until it was durable.',
      buckets: WRITE_BUCKETS,
      registers,
    });
    this.#failures = new Counter({
      name: 'mcp_sso_audit_write_failures_total',
      help: 'Records that could not be written. What they were about was refused.',
      registers,
    });
    this.#records = new Counter({
      name: 'mcp_sso_audit_records_total',
      help: 'Records written, by type and phase.',
      labelNames: ['type', 'phase'],
      registers,
    });
    this.#leftOut = new Counter({
      name: 'mcp_sso_audit_refusals_left_out_total',
      help: 'Refusals that were too many to be recorded, by the type that their records would have had.',
      labelNames: ['type'],
      registers,
    });
    this.#signIns = new Counter({
      name: 'mcp_sso_sign_ins_total',
      help: 'Sign-ins of people who were known by then, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    const waiting = (): number => this.#waiting();
    registry.registerMetric(
      new Gauge({
        name: 'mcp_sso_audit_queue_records',
        help: 'Records that wait to be written.',
        registers: [],
        collect() {
          this.set(waiting());
        },
      }),
    );
  }

  /** Asked at each look. */
  watch(waiting: () => number): void {
    this.#waiting = waiting;
  }

  /** `type` and `phase` are words of closed lists. */
  written({ type, phase }: { readonly type: string; readonly phase: string }, milliseconds: number): void {
    this.#writes.observe(milliseconds / 1_000);
    this.#records.inc({ type, phase });
    this.#countSignIn(type);
  }

  /** A refusal that is not on record because there were too many. */
  leftOut({ type }: { readonly type: string }): void {
    this.#leftOut.inc({ type });
    this.#countSignIn(type);
  }

  failed(): void {
    this.#failures.inc();
  }

  #countSignIn(type: string): void {
    const outcome = SIGN_INS[type];
    if (outcome !== undefined) this.#signIns.inc({ outcome });
  }
}

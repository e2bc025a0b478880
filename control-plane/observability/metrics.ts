import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { AuditMetrics } from './audit-metrics.js';
import type { MetricFamily } from './metric-family.js';
import { RequestMetrics } from './request-metrics.js';

/** From 5 ms to the promise of 360 s without a signal. */
const TIME_TO_CUT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 360];

/** What `/metrics` shows, in the text format of Prometheus. No label ever holds what names a person. */
export class Metrics {
  readonly #registry = new Registry();

  readonly requests = new RequestMetrics(this.#registry);
  readonly audit = new AuditMetrics(this.#registry);

  readonly revocationTimeToCut = new Histogram({
    name: 'mcp_sso_revocation_time_to_cut_seconds',
    help: 'From hearing that a person or session is revoked until its last call and stream here had ended.',
    labelNames: ['path'] as const,
    buckets: TIME_TO_CUT_BUCKETS,
    registers: [this.#registry],
  });

  readonly revocationSignals = new Counter({
    name: 'mcp_sso_revocation_signals_total',
    help: 'Signals that somebody is out, by path and by what came of them.',
    labelNames: ['path', 'outcome'] as const,
    registers: [this.#registry],
  });

  readonly breakGlass = new Gauge({
    name: 'mcp_sso_break_glass',
    help: 'Break-glass codes that wait to be used, sessions that live by one, and grants taken that nobody has reviewed. Anything but 0 is an alarm.',
    labelNames: ['state'] as const,
    registers: [this.#registry],
  });

  readonly breakGlassRefusals = new Counter({
    name: 'mcp_sso_break_glass_refusals_total',
    help: 'Break-glass codes that were tried here and are not good.',
    registers: [this.#registry],
  });

  readonly messagesWaiting = new Gauge({
    name: 'mcp_sso_messages_waiting',
    help: 'Notifications to people that still have to be delivered, by channel.',
    labelNames: ['channel'] as const,
    registers: [this.#registry],
  });

  readonly messages = new Counter({
    name: 'mcp_sso_messages_total',
    help: 'Attempts to deliver a notification to people, by channel and by what came of them.',
    labelNames: ['channel', 'outcome'] as const,
    registers: [this.#registry],
  });

  readonly credentialsFailing = new Gauge({
    name: 'mcp_sso_credentials_failing',
    help: 'Credentials of the company that their server refuses, or that are not available: 1 for each.',
    labelNames: ['server', 'kind', 'state'] as const,
    registers: [this.#registry],
  });

  readonly exportedRecords = new Counter({
    name: 'mcp_sso_audit_exported_records_total',
    help: 'Audit records that a sink has taken.',
    labelNames: ['sink'] as const,
    registers: [this.#registry],
  });

  readonly exportFailures = new Counter({
    name: 'mcp_sso_audit_export_failures_total',
    help: 'Batches of audit records that a sink did not take; they come again.',
    labelNames: ['sink'] as const,
    registers: [this.#registry],
  });

  readonly exportWaiting = new Gauge({
    name: 'mcp_sso_audit_export_waiting_records',
    help: 'Audit records that a sink does not have yet, as the replica sees it that exports.',
    labelNames: ['sink'] as const,
    registers: [this.#registry],
  });

  readonly exportLag = new Gauge({
    name: 'mcp_sso_audit_export_lag_seconds',
    help: 'Age of the oldest audit record that a sink does not have yet; 0 where it has all.',
    labelNames: ['sink'] as const,
    registers: [this.#registry],
  });

  readonly exportFailing = new Gauge({
    name: 'mcp_sso_audit_export_failing_seconds',
    help: 'Since when a sink of the audit export takes nothing; 0 while it does.',
    labelNames: ['sink'] as const,
    registers: [this.#registry],
  });

  readonly checkpointsWaiting = new Gauge({
    name: 'mcp_sso_audit_checkpoints_waiting',
    help: 'Signed checkpoints of the audit log that a place does not have yet, as the replica sees it that publishes.',
    labelNames: ['place'] as const,
    registers: [this.#registry],
  });

  readonly checkpointLag = new Gauge({
    name: 'mcp_sso_audit_checkpoint_lag_seconds',
    help: 'Age of the oldest checkpoint of the audit log that a place does not have yet; 0 where it has all.',
    labelNames: ['place'] as const,
    registers: [this.#registry],
  });

  /** Of the process itself, and which build it is. Only where it serves: what is measured goes on until the process ends. */
  observeProcess(version: string): void {
    collectDefaultMetrics({ register: this.#registry });
    const help = 'Always 1; its labels say what runs.';
    new Gauge({ name: 'mcp_sso_build_info', help, labelNames: ['version'], registers: [this.#registry] }).set(
      { version },
      1,
    );
  }

  /** The same as data. */
  async families(): Promise<readonly MetricFamily[]> {
    const all = await this.#registry.getMetricsAsJSON();
    // The library's types call it an enumeration; what it gives is the word.
    return all as unknown as readonly MetricFamily[];
  }

  /** Content type and text. */
  async exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}

import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import type { CollectorSettings } from '../config/telemetry-settings.js';
import { Logger } from './logger.js';
import { Metrics } from './metrics.js';
import { FailureSpell } from './otlp/failure-spell.js';
import type { OtlpParts } from './otlp/otlp-parts.js';
import { otlpSender } from './otlp/otlp-sender.js';
import { SpanExport } from './otlp/span-export.js';

/**
 * Exports what `telemetry` names, and nothing without it: then no library of OpenTelemetry is loaded. Calls never wait for a
 * collector: what it does not take in time is dropped.
 */
@Injectable()
export class TelemetryService implements OnApplicationBootstrap, OnApplicationShutdown {
  #metrics: { close(): Promise<void> } | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(SpanExport) private readonly spans: SpanExport,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const settings = this.config.settings.telemetry.metrics;
    if (settings === undefined) return;
    const { exportMetrics } = await import('./otlp/otlp-metric-export.js');
    const parts = await partsOf('metrics', settings, this.config, this.logger);
    this.#metrics = exportMetrics(settings, parts, () => this.metrics.families());
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.spans.close(), this.#metrics?.close()]);
  }
}

/** Where spans go, by the settings. */
export async function spanExportOf(config: LoadedConfig, logger: Logger): Promise<SpanExport> {
  const settings = config.settings.telemetry.traces;
  if (settings === undefined) return new SpanExport();
  const { OtlpSpanExport } = await import('./otlp/otlp-span-export.js');
  return new OtlpSpanExport(settings, await partsOf('traces', settings, config, logger));
}

async function partsOf(
  signal: 'traces' | 'metrics',
  settings: CollectorSettings,
  config: LoadedConfig,
  logger: Logger,
): Promise<OtlpParts> {
  const { serviceResource } = await import('./otlp/resource.js');
  const stop = new AbortController();
  const send = otlpSender(settings, `/v1/${signal}`, config, stop.signal);
  return { send, stop, spell: new FailureSpell(signal, logger), resource: serviceResource() };
}

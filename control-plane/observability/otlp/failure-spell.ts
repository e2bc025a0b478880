import type { Logger } from '../logger.js';
import { shown } from '../logger.js';
import { ExportFailure } from './otlp-sender.js';

/** Tells the log once that a collector does not take what is sent, and once that it does again. */
export class FailureSpell {
  #failures = 0;

  constructor(
    private readonly signal: 'traces' | 'metrics',
    private readonly logger: Pick<Logger, 'warn' | 'info'>,
  ) {}

  succeeded(): void {
    if (this.#failures === 0) return;
    this.logger.info('telemetry.export-resumed', { signal: shown(this.signal), failures: shown(this.#failures) });
    this.#failures = 0;
  }

  failed(error: unknown): void {
    this.#failures += 1;
    if (this.#failures > 1) return;
    const why = error instanceof ExportFailure ? error.message : 'it could not be made ready';
    this.logger.warn('telemetry.export-failed', { signal: shown(this.signal), error: shown(why) });
  }
}

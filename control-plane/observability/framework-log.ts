import type { LoggerService } from '@nestjs/common';
import { shown, type Logger } from './logger.js';

/**
 * Nest's own log lines, sent through ours. Nest only warns where a constructor parameter has neither metadata nor
 * `@Inject()` and hands in `undefined`; here that is a failed start.
 */
export class FrameworkLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug('framework', fields(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug('framework', fields(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.debug('framework', fields(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    if (String(message).includes('has no decorator metadata')) throw new Error(String(message));
    this.logger.warn('framework', fields(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error('framework', fields(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.logger.error('framework', fields(message, rest));
  }
}

/** Nest appends the name of the part that speaks as the last argument. */
function fields(message: unknown, rest: readonly unknown[]): Record<string, unknown> {
  const context = rest.at(-1);
  return {
    message: shown(message instanceof Error ? message.message : String(message)),
    ...(typeof context === 'string' ? { context: shown(context) } : {}),
  };
}

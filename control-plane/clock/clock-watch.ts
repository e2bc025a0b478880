import type { OnApplicationShutdown } from '@nestjs/common';
import { CodedError, errorText } from '#shared/errors.js';
import { shown, type Logger } from '../observability/logger.js';
import { isOff, measure, skewText, type Clock } from './skew.js';

const EVERY_MS = 600_000;

/** Clocks that vote: where one of them agrees with ours, it is the others that are wrong. */
export type ClockGroup = readonly Clock[];

/**
 * Compares this machine's clock with others', at the start and every ten minutes. How long tokens and sessions live and
 * when a record was made are as right as the clock.
 */
export class ClockWatch implements OnApplicationShutdown {
  /** What each group last said; a group that cannot be asked says nothing new. */
  readonly #faults: (string | undefined)[];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly groups: readonly ClockGroup[],
    private readonly logger: Logger,
  ) {
    this.#faults = groups.map(() => undefined);
  }

  /** What is wrong with the clock, for operators. */
  get fault(): string | undefined {
    return this.#faults.find((fault) => fault !== undefined);
  }

  /** @throws CodedError config_invalid where the clock is off. A clock that cannot be asked is a warning. */
  async start(): Promise<void> {
    await this.check();
    if (this.fault !== undefined) throw new CodedError('config_invalid', { message: this.fault });
    this.#timer = setInterval(() => void this.check(), EVERY_MS).unref();
  }

  /** Never rejects. */
  async check(): Promise<void> {
    await Promise.all(this.groups.map(async (group, index) => this.#ask(group, index)));
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  async #ask(group: ClockGroup, index: number): Promise<void> {
    const answers = await Promise.all(group.map(async (clock) => this.#skewTo(clock)));
    const known = answers.filter((answer) => answer !== undefined);
    if (known.length === 0) return;
    const off = known.filter(({ clock, skewMs }) => isOff(clock, skewMs));
    const faults = off.map(({ clock, skewMs }) => skewText(clock.name, skewMs));
    for (const fault of faults) this.logger.error('clock.off', { detail: shown(fault) });
    this.#faults[index] = off.length === known.length ? faults[0] : undefined;
  }

  async #skewTo(clock: Clock): Promise<{ readonly clock: Clock; readonly skewMs: number } | undefined> {
    try {
      return { clock, skewMs: await measure(clock) };
    } catch (error) {
      this.logger.warn('clock.unchecked', { clock: shown(clock.name), detail: shown(errorText(error)) });
      return undefined;
    }
  }
}

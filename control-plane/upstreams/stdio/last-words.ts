import { shown, type Logger } from '../../observability/logger.js';

const KEPT_LINES = 10;
const LOGGED_LINES = 500;
const LINE_LENGTH = 300;

/**
 * What a process says beside its messages. It may repeat what it was asked, so the log has it at level debug only; the
 * last lines are kept for the day when it fails.
 */
export class LastWords {
  readonly #lines: string[] = [];
  #logged = 0;

  constructor(
    private readonly server: string,
    private readonly mask: (text: string) => string,
    private readonly logger: Logger,
  ) {}

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    this.#logged += 1;
    if (this.#logged > LOGGED_LINES) return;
    this.logger.debug('upstreams.server-said', { server: shown(this.server), text: shown(this.#shortened(line)) });
  }

  get text(): string {
    return this.#lines.map((line) => this.#shortened(line)).join(' | ');
  }

  /** Masked before it is cut: half a secret would no longer be found. */
  #shortened(line: string): string {
    return this.mask(line).slice(0, LINE_LENGTH);
  }
}

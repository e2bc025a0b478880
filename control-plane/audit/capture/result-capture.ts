import type { Hmac } from 'node:crypto';
import type { CaptureSettings } from '../../config/audit-settings.js';
import type { RecordPersonal } from '../record.js';
import { capturedText } from './captured-text.js';
import { wholeCharacters } from './cut-text.js';

type Captured = Pick<RecordPersonal, 'result' | 'resultHash' | 'truncated'>;

/**
 * What is kept of the answer to one call while it flows to the client: its bytes as they leave, after every mask. Holds at
 * most `maxBytes` of them and nothing up.
 */
export class ResultCapture {
  #hash: Hmac;
  #kept: Buffer[] = [];
  #size = 0;
  #over = false;

  /** `newHash` makes the keyed hash of one message. */
  constructor(
    private readonly settings: Pick<CaptureSettings, 'results' | 'maxBytes'>,
    private readonly newHash: () => Hmac,
  ) {
    this.#hash = newHash();
  }

  write(chunk: Buffer): void {
    if (this.#over) return;
    this.#hash.update(chunk);
    const room = this.#keepsText ? Math.max(0, this.settings.maxBytes - this.#size) : 0;
    this.#size += chunk.length;
    // A copy: the chunk belongs to whoever reads the socket.
    if (room > 0) this.#kept.push(Buffer.from(chunk.subarray(0, room)));
  }

  /** The message was not the answer, but one before it. */
  begin(): void {
    if (this.#over || this.#size === 0) return;
    this.#hash = this.newHash();
    this.#kept = [];
    this.#size = 0;
  }

  /** What the record says; `rest` leaves after it. Undefined where the answer ends as it is, in its midst. */
  end(rest?: Buffer): Captured {
    if (rest) this.write(rest);
    this.#over = true;
    if (this.#size === 0) return {};
    const { results: level, maxBytes } = this.settings;
    const resultHash = this.#hash.digest('hex');
    if (level !== 'redacted' && level !== 'full') return { resultHash };
    const isCut = rest === undefined || this.#size > maxBytes;
    const bytes = Buffer.concat(this.#kept);
    const whole = { text: isCut ? wholeCharacters(bytes) : bytes.toString(), truncated: isCut };
    const { text, truncated } = capturedText(level, whole, maxBytes);
    return { result: text, resultHash, ...(truncated ? { truncated } : {}) };
  }

  get #keepsText(): boolean {
    return this.settings.results === 'redacted' || this.settings.results === 'full';
  }
}

import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Answers of the bridge itself may pile up to this many bytes before it stops reading. */
const ROOM = 8 * 1024 * 1024;

/** Writes MCP messages, one line each, and holds the writer back while the AI app does not read. */
export class Output {
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** `message` is the text of one JSON value without line breaks. Does nothing once the stream is gone. */
  async send(message: string): Promise<void> {
    if (!this.#stream.writable) return;
    if (!this.#stream.write(`${message}\n`)) await this.#drained();
  }

  /** Resolves when there is room for more answers. */
  async room(): Promise<void> {
    if (this.#stream.writable && this.#stream.writableLength > ROOM) await this.#drained();
  }

  /** Resolves when all is written, at the latest after `milliseconds`. */
  async flush(milliseconds: number): Promise<void> {
    if (this.#stream.writableLength === 0 || !this.#stream.writable) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#stream.write('', () => resolve());
    await promise;
    clearTimeout(timer);
  }

  /** A stream that is destroyed never drains; it closes. */
  async #drained(): Promise<void> {
    if (!this.#stream.writableNeedDrain) return;
    const waiting = new AbortController();
    const signal = waiting.signal;
    const events = ['drain', 'close'].map((event) => once(this.#stream, event, { signal }));
    // `once` rejects on 'error': whoever watches the stream ends the bridge.
    await Promise.race(events).catch(() => undefined);
    waiting.abort();
    await Promise.allSettled(events);
  }
}

import type { SpanData } from '../requests/request-spans.js';

/** Where spans go. This one is for nobody: nothing is traced. */
export class SpanExport {
  readonly showsAddresses: boolean = false;

  samples(_traceId: string): boolean {
    return false;
  }

  /** Takes them or drops them; never waits. */
  add(_spans: readonly SpanData[]): void {}

  /** Sends what waits. Never rejects. */
  async close(): Promise<void> {}
}

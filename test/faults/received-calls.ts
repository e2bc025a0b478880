import { existsSync, readFileSync } from 'node:fs';

/** A call that reached an upstream, as it wrote it down. */
export interface ReceivedCall {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Every call that the upstreams of `recording-upstream.mjs` have received, in order. */
export function receivedCalls(file: string): ReceivedCall[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ReceivedCall);
}

import type { Environment } from '../config/secret-reference.js';

/** What a command may touch of the process around it. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
  readonly errors: NodeJS.WritableStream;
  readonly environment: Environment;
}

export function print(stream: NodeJS.WritableStream, ...lines: readonly string[]): void {
  for (const line of lines) stream.write(`${line}\n`);
}

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { JsonObject } from '#shared/mcp/json-rpc.js';

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

/** An MCP server over stdio. */
export class LineProcess {
  /** Gets what the server says; set by who uses it. */
  hear: (message: JsonObject) => void = () => undefined;
  readonly #child: ChildProcessWithoutNullStreams;

  constructor({ command, args, cwd }: CommandLine) {
    this.#child = spawn(command, args, { cwd });
    this.#child.stderr.resume();
    this.#child.stdin.on('error', () => undefined);
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.hear(JSON.parse(line) as JsonObject));
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  say(message: unknown): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Closes its input, as an AI app does when it ends, and waits for its end. */
  async end(): Promise<void> {
    if (!this.running) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
  }
}

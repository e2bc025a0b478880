import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { within } from '../../demo/stack/child.js';

const TIMEOUT_MS = 30_000;
const EXITED = /\[exit (\d+)\]\r?\n$/;

interface TerminalOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly columns?: number;
}

/** A program in a terminal of its own (`script` of util-linux), with nothing in its environment but what is given. */
export class Terminal implements Disposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #output = '';

  constructor(program: string, args: readonly string[], { env, columns = 80 }: TerminalOptions) {
    const quoted = [program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    // A shell that Ctrl-C does not end, so that it can say how the program ended.
    const line = `stty cols ${columns}; trap : INT; ${quoted}; echo "[exit $?]"`;
    this.#child = spawn('script', ['-qfec', line, '/dev/null'], {
      env: { PATH: '/usr/bin:/bin', TERM: 'xterm', SHELL: '/bin/bash', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
  }

  /** All bytes so far, with the terminal's own commands. */
  get output(): string {
    return this.#output.replace(EXITED, '');
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits until the output matches. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    const waiting = AbortSignal.timeout(TIMEOUT_MS);
    for (;;) {
      const found = pattern.exec(this.#output);
      if (found) return found;
      await once(this.#child.stdout, 'data', { signal: waiting });
    }
  }

  /** Waits for the end of the program; resolves to its exit code. */
  async ended(): Promise<number> {
    if (this.#child.exitCode === null)
      await within(once(this.#child, 'close'), TIMEOUT_MS, 'the program in the terminal did not end');
    return Number(EXITED.exec(this.#output)?.[1]);
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}

/** What a person reads: without colours and other commands to the terminal. */
export function readable(output: string): string {
  // oxlint-disable-next-line no-control-regex
  return output.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r', '');
}

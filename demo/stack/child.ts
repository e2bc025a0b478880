import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

export interface ChildOptions {
  readonly name: string;
  /** A command that runs Node, such as a sandbox with its options. */
  readonly inside?: readonly string[];
  /** Arguments of Node itself: the script and what follows it. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Receives stdout and stderr. */
  readonly logFile: string;
  /** A message channel; a child that watches it ends with its parent. */
  readonly ipc?: boolean;
}

const STOP_MS = 10_000;
const ANSWER_MS = 5_000;

/** A Node process of ours in a process group of its own, so that whatever it starts ends with it. */
export class Child {
  readonly name: string;
  readonly logFile: string;
  readonly exited: Promise<string>;
  readonly #process: ChildProcess;
  #running = true;
  #messages = 0;

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.logFile = options.logFile;
    const log = openSync(options.logFile, 'a', 0o600);
    const [program = '', ...args] = [...(options.inside ?? []), process.execPath, ...options.args];
    this.#process = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', log, log, ...(options.ipc ? ['ipc' as const] : [])],
    });
    closeSync(log);
    const endWithUs = (): void => this.#signal('SIGKILL');
    process.once('exit', endWithUs);
    this.exited = new Promise((resolve) => {
      const ended = (how: string): void => {
        this.#running = false;
        process.off('exit', endWithUs);
        resolve(how);
      };
      this.#process.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
      this.#process.once('error', (error) => ended(error.message));
    });
  }

  /** Its process group; undefined where it never started. */
  get group(): number | undefined {
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#running;
  }

  /** The last lines of its log. */
  tail(lines = 20): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** Sends a message and resolves when the child answers `{ done: id }`. */
  async tell(message: object): Promise<void> {
    const id = (this.#messages += 1);
    const answered = new Promise<void>((resolve) => {
      const hear = (answer: unknown): void => {
        if ((answer as { done?: unknown }).done !== id) return;
        this.#process.off('message', hear);
        resolve();
      };
      this.#process.on('message', hear);
    });
    this.#process.send({ id, ...message });
    await within(answered, ANSWER_MS, `${this.name} did not answer`);
  }

  /** Asks it to end, waits, and kills what is left of its group. Resolves to how it ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<string> {
    if (this.#running) this.#signal(signal);
    const ended = await Promise.race([this.exited, wait(STOP_MS, undefined, { ref: false })]);
    this.#signal('SIGKILL');
    return ended ?? (await this.exited);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone already.
    }
  }
}

/** Resolves with the promise, or rejects with `message` after `ms` milliseconds. */
export async function within<T>(promise: Promise<T>, ms: number, message: string | (() => string)): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const words = (): string => (typeof message === 'string' ? message : message());
  const timer = setTimeout(() => reject(new Error(`${words()} within ${ms / 1000} s.`)), ms);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { within } from '../../demo/stack/child.js';

/** Ten thousand policies take their time. */
const START_MS = 120_000;

/** The bench's own programs, as `start.mjs` bundles them. */
export type Program = 'upstream' | 'bare-proxy' | 'load' | 'instrumented';

export function programFile(name: Program | 'stdio-upstream'): string {
  return join(import.meta.dirname, `${name}.mjs`);
}

/** A program in a process of its own, which ends with this one at the latest. */
export function forked(name: Program, env: Readonly<Record<string, string>> = {}, flags: string[] = []): ChildProcess {
  const child = fork(programFile(name), {
    env: { ...process.env, ...env },
    execArgv: flags,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

/** A part of the bench that listens; stopped when it is disposed. */
export class Part implements Disposable {
  private constructor(readonly process: ChildProcess) {}

  /** Resolves when it says that it is ready; rejects where it ends or takes two minutes. */
  static async start(name: Program, env: Readonly<Record<string, string>>, flags: string[] = []): Promise<Part> {
    const child = forked(name, env, flags);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.once('message', () => resolve());
    child.once('exit', (code, signal) => reject(new Error(`${name} ended (${signal ?? code})`)));
    try {
      await within(promise, START_MS, `${name} was not ready`);
      return new Part(child);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.process.kill('SIGKILL');
  }
}

import { execFile } from 'node:child_process';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly input?: string;
  /** Milliseconds after which it is killed; a minute where it is not named. */
  readonly timeout?: number;
  /** Gets what it prints while it runs. */
  readonly heard?: (text: string) => void;
}

const TIMEOUT_MS = 60_000;

/** Runs a command to its end; a code of -1 means that it was killed or never started. */
export function run(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const child = execFile(
    command,
    args,
    { cwd: options.cwd, env: options.env, timeout: options.timeout ?? TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 },
    (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
      resolve({ code, stdout, stderr: code === -1 ? `${stderr}${error?.message}` : stderr });
    },
  );
  if (options.heard) child.stdout?.on('data', options.heard);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input ?? '');
  return promise;
}

import { spawn } from 'node:child_process';
import type { Account } from './account.js';

/** Bytes of output that are read. */
const OUTPUT_LIMIT = 1024 * 1024;
/** Milliseconds: a home folder may be on a network, or its owner may have stopped the process. */
const PATIENCE_MS = 60_000;

/** How a program ended that was run as somebody else. What it wrote is theirs to forge. */
export type AccountRun =
  | { readonly code: number; readonly stdout: string }
  /** Why there is no result, for a person. */
  | { readonly failure: string };

/**
 * Runs a program as an account, from root: with that account's ids alone (libuv drops all further groups before it changes
 * them), none of root's environment, and in a session of its own, so that the account can type nothing into root's terminal.
 */
export function runAsAccount(
  { name, uid, gid, home }: Account,
  [program, ...args]: readonly [string, ...string[]],
  patience = PATIENCE_MS,
): Promise<AccountRun> {
  const { promise, resolve } = Promise.withResolvers<AccountRun>();
  const child = spawn(program, args, {
    uid,
    gid,
    cwd: '/',
    env: { HOME: home, USER: name, LOGNAME: name, PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const stop = (failure: string): void => {
    resolve({ failure });
    child.stdout.destroy();
    child.unref();
    killGroup(child.pid);
  };
  const timer = setTimeout(() => stop(`it did not end within ${patience / 1000} seconds`), patience);
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > OUTPUT_LIMIT) stop('it wrote more than was asked for');
    else chunks.push(chunk);
  });
  child.once('error', (error: NodeJS.ErrnoException) => resolve({ failure: startFault(program, error.code) }));
  child.once('close', (code, signal) => {
    const stdout = Buffer.concat(chunks).toString();
    resolve(code === null ? { failure: `it was ended by ${signal ?? 'a signal'}` } : { code, stdout });
  });
  return promise.finally(() => clearTimeout(timer));
}

function startFault(program: string, code = 'unknown error'): string {
  return code === 'EACCES'
    ? `the account may not run ${program}; install it where everyone may`
    : `${program} could not be started (${code})`;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

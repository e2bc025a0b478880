import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { within } from '../../demo/stack/child.js';

const WAIT_MS = 10_000;

/** The processes of this machine whose command line holds a text. Linux only. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => commandLine(name).includes(text))
    .map(Number);
}

/** Resolves when each of them has ended; rejects after ten seconds. */
export async function allEnded(pids: readonly number[]): Promise<void> {
  await Promise.all(
    pids.map(async (pid) => {
      const watch = spawn('tail', ['-s', '0.1', `--pid=${pid}`, '-f', '/dev/null'], { stdio: 'ignore' });
      await within(once(watch, 'exit'), WAIT_MS, `Process ${pid} did not end`).finally(() => watch.kill('SIGKILL'));
    }),
  );
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

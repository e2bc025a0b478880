import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadJob, LoadResult } from './load-job.js';

/** A part of the bench in a process of its own; resolves when it listens. */
export async function start(name: 'upstream' | 'bare-proxy', env: Record<string, string>): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, `${name}.mjs`), { env: { ...process.env, ...env } });
  process.once('exit', () => child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

/** One run of load, from a process of its own. Rejects where an answer was not what it should be. */
export async function load(job: LoadJob): Promise<LoadResult> {
  const child = fork(join(import.meta.dirname, 'load.mjs'));
  try {
    child.send(job);
    const [result] = (await once(child, 'message')) as [LoadResult];
    if (result.failures.length > 0) throw new Error(`${job.url} answered wrongly:\n${result.failures.join('\n')}`);
    return result;
  } finally {
    child.kill('SIGKILL');
  }
}

import type { ChildProcess } from 'node:child_process';
import { within } from '../../../demo/stack/child.js';
import { forked } from '../process.js';
import type { LoadJob, LoadResult } from './job.js';

/** Beyond the time of the job itself. */
const PATIENCE_MS = 20_000;

/** Answers a second, and how long one takes. */
export interface Sample {
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
}

/** Runs loads in a process of its own, one after the other. */
export class LoadGenerator implements Disposable {
  #child: ChildProcess | undefined;

  /** Rejects where an answer was not what it should be, or none came. */
  async run(job: LoadJob): Promise<Sample> {
    const child = (this.#child ??= forked('load'));
    const { promise, resolve, reject } = Promise.withResolvers<LoadResult>();
    const ended = (): void => reject(new Error('the load ended without a result'));
    child.once('message', resolve);
    child.once('exit', ended);
    child.send(job);
    try {
      const late = `${job.url} was not done`;
      const { answers, seconds, p50, failures } = await within(promise, job.seconds * 1_000 + PATIENCE_MS, late);
      if (failures.length > 0) throw new Error(`${job.url} answered wrongly:\n${failures.join('\n')}`);
      return { rate: answers / seconds, p50 };
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    } finally {
      child.off('message', resolve);
      child.off('exit', ended);
    }
  }

  [Symbol.dispose](): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

import { HttpCaller, type Caller } from './http-caller.js';
import type { LoadJob, LoadResult } from './job.js';
import { credentialLines } from './proofs.js';
import { SseCaller } from './sse-caller.js';

const MAX_FAILURES = 3;

/** Puts load on an address and says how many answers came how fast. A process of its own: one job after the other. */
process.on('message', (job: LoadJob) => {
  void run(job).then((result) => process.send?.(result));
});

async function run(job: LoadJob): Promise<LoadResult> {
  const lines = job.clients.map((client) => credentialLines(client, job));
  const callers = await Promise.all(
    Array.from({ length: job.connections }, (_, index) => callerOf(job, index + 1, lines[index % lines.length]!)),
  );
  const times: number[] = [];
  const failures: string[] = [];
  const began = performance.now();
  const until = began + job.seconds * 1000;
  await Promise.all(callers.map((caller) => work(caller, until, times, failures)));
  const seconds = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  return { answers: times.length, seconds, p50: times[Math.floor(times.length / 2)] ?? Number.NaN, failures };
}

async function callerOf(job: LoadJob, id: number, ownLines: () => string | undefined): Promise<Caller> {
  const body = job.body.replace('"id":1,', `"id":${id},`);
  return job.sse ? await SseCaller.open(job, body) : new HttpCaller(job, body, ownLines);
}

async function work(caller: Caller, until: number, times: number[], failures: string[]): Promise<void> {
  try {
    while (performance.now() < until && failures.length < MAX_FAILURES) {
      const began = performance.now();
      const answer = await caller.call();
      if (answer === undefined) break;
      times.push(performance.now() - began);
      if (answer.status !== 200 || answer.fault) failures.push(`${answer.status} ${answer.head}`);
    }
  } catch (error) {
    failures.push(String(error));
  } finally {
    caller.close();
  }
}

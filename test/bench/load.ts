import { sign } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { proofs } from './proofs.js';
import type { LoadJob, LoadResult } from './load-job.js';
import { AnswerReader } from './answer-reader.js';

/** Puts load on an address over raw sockets, as cheaply as Node can, and says how many answers came how fast. */
process.on('message', (job: LoadJob) => {
  void run(job).then((result) => process.send?.(result));
});

async function run(job: LoadJob): Promise<LoadResult> {
  const made = job.clients.map((client) => proofs(client, job, sign));
  const times: number[] = [];
  const failures: string[] = [];
  const began = performance.now();
  const until = began + job.seconds * 1000;
  await Promise.all(
    Array.from({ length: job.connections }, async (_, index) => {
      const next = made[index % made.length];
      if (next) await worker(job, next, until, times, failures);
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  return { answers: times.length, seconds, p50: times[Math.floor(times.length / 2)] ?? Number.NaN, failures };
}

async function worker(
  job: LoadJob,
  nextHeaders: () => string | undefined,
  until: number,
  times: number[],
  failures: string[],
): Promise<void> {
  const { hostname, port, pathname } = new URL(job.url);
  const socket: Socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  const reader = new AnswerReader(socket);
  const fixed = `POST ${pathname} HTTP/1.1\r\nhost: ${job.host}\r\n${job.headers}content-length: ${Buffer.byteLength(job.body)}\r\n`;
  try {
    while (performance.now() < until) {
      const headers = nextHeaders();
      if (headers === undefined) break;
      const began = performance.now();
      socket.write(`${fixed}${headers}\r\n${job.body}`);
      const answer = await reader.next();
      times.push(performance.now() - began);
      if (answer.status !== 200 || answer.fault) {
        if (failures.length < 3) failures.push(`${answer.status} ${answer.head}`);
        else break;
      }
    }
  } catch (error) {
    failures.push(String(error));
  } finally {
    socket.destroy();
  }
}

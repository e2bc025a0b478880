import { parentPort, workerData } from 'node:worker_threads';
import { compilePolicies } from '../compile.js';
import { explain } from '../explain/explain.js';
import { DecideAgain } from './decide-again.js';
import type { Answer, Candidate, Order } from './candidate-engine.js';

/** The thread's program: compiles one set of policies, then answers orders one after the other. */
const { files, settings, known } = workerData as Candidate;
const { faults, misfits, policies } = compilePolicies(files, settings, known);
// As in a revision: a policy that no longer fits a tool's definition denies that tool and keeps nothing else from being used.
const sound = faults.length === misfits.length;
const again = sound ? new DecideAgain(policies, settings, 'candidate') : undefined;
send({ number: 0, answer: { kind: 'ready', faults: sound ? [] : faults } });

parentPort?.on('message', ({ number, order }: Order) => {
  if (order.kind === 'decide') {
    send({ number, answer: { kind: 'decided', calls: order.calls.map((call) => again!.decide(call)) } });
  } else {
    send({ number, answer: { kind: 'explained', explanation: explain({ files, policies }, order.call) } });
  }
});

function send(answer: Answer): void {
  parentPort?.postMessage(answer, []);
}

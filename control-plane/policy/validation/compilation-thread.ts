import { parentPort } from 'node:worker_threads';
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { compilePolicies } from '../compile.js';
import { judgePolicies } from '../judge-policies.js';
import type { Answer, Order, Work } from './policy-compiler.js';
import { prepared, type Prepared } from './prepared.js';

/** The thread's program: one set after the other. */
parentPort?.on('message', ({ number, work }: Order) => {
  parentPort?.postMessage({ number, compilation: done(work), broken: isBroken() } satisfies Answer, []);
});

function done(work: Work): Prepared {
  if (work.does === 'compile') return prepared(compilePolicies(...work.request));
  // The outcomes of tests stay here: they hold functions.
  const { outcomes: _outcomes, ...compilation } = judgePolicies(...work.request);
  return prepared(compilation);
}

/** A stack overflow inside WebAssembly leaves the engine unusable; any text shows it. */
function isBroken(): boolean {
  try {
    return policyToJson('permit(principal, action, resource);').type === 'failure';
  } catch {
    return true;
  }
}

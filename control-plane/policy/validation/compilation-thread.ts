import { parentPort } from 'node:worker_threads';
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { compilePolicies, type Compilation } from '../compile.js';
import { judgePolicies } from '../judge-policies.js';
import type { Answer, Order, Work } from './policy-compiler.js';

/** The thread's program: one set after the other. */
parentPort?.on('message', ({ number, work }: Order) => {
  const { faults, policies } = done(work);
  parentPort?.postMessage({ number, compilation: { faults, policies }, broken: isBroken() } satisfies Answer, []);
});

function done(work: Work): Compilation {
  return work.does === 'judge' ? judgePolicies(...work.request) : compilePolicies(...work.request);
}

/** A stack overflow inside WebAssembly leaves the engine unusable; any text shows it. */
function isBroken(): boolean {
  try {
    return policyToJson('permit(principal, action, resource);').type === 'failure';
  } catch {
    return true;
  }
}

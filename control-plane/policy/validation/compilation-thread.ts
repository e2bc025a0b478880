import { parentPort } from 'node:worker_threads';
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { compilePolicies } from '../compile.js';
import { testPolicies } from '../tests/test-policies.js';
import type { Answer, Order } from './policy-compiler.js';
import { prepared } from './prepared.js';

/** The thread's program: one set after the other. */
parentPort?.on('message', (order: Order) => {
  const done =
    order.kind === 'compile'
      ? { compilation: prepared(compilePolicies(...order.request)) }
      : { report: testPolicies(...order.request) };
  parentPort?.postMessage({ number: order.number, ...done, broken: isBroken() } satisfies Answer, []);
});

/** A stack overflow inside WebAssembly leaves the engine unusable; any text shows it. */
function isBroken(): boolean {
  try {
    return policyToJson('permit(principal, action, resource);').type === 'failure';
  } catch {
    return true;
  }
}

import { readFileSync } from 'node:fs';
import type { ReceivedRequest } from '../../demo/crm/request-log.js';
import type { Stack } from '../../demo/stack/stack.js';

/** Every request that reached the CRM so far. */
export function receivedByCrm(stack: Stack): ReceivedRequest[] {
  const lines = readFileSync(stack.crmLog, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ReceivedRequest);
}

/** Names of the tools that were called at the CRM. */
export function callsAtCrm(stack: Stack): (string | null)[] {
  return receivedByCrm(stack)
    .filter(({ method }) => method === 'tools/call')
    .map(({ target }) => target);
}

import { allBusy } from '../../config/limits.js';

/** Throws `rate_limited` where one more request would be too many for its channel. */
export function requireRequestPlace(taken: number, bound: number): void {
  if (taken < bound) return;
  throw allBusy('requestsPerChannel', `The MCP server has ${bound} requests under way on one channel`);
}

/** Throws `rate_limited` where one more subscription would be too many for its channel. */
export function requireListenerPlace(taken: number, bound: number): void {
  if (taken < bound) return;
  throw allBusy('listenersPerChannel', `The MCP server has ${bound} subscriptions on one channel`);
}

import type { ErrorCode } from '#shared/errors.js';
import { overLimit, type Limits } from '../../config/limits.js';

export type SubscriptionBounds = Pick<Limits, 'subscriptions' | 'subscriptionBytes'>;

/** Bytes that a subscription takes apart from its URI. */
const OVERHEAD = 128;
const FEWER = 'Subscribe to fewer.';

/** Memory that a subscription takes. */
export function bytesOf(uri: string): number {
  return OVERHEAD + 2 * uri.length;
}

/** Whether so many resources of so many bytes may be subscribed to. Throws `code` with the bound. */
export function requireWithin(
  { subscriptions, subscriptionBytes }: SubscriptionBounds,
  count: number,
  bytes: number,
  code: ErrorCode = 'rate_limited',
): void {
  if (count > subscriptions) {
    throw overLimit(code, 'subscriptions', `More than ${subscriptions} resources are subscribed to`, FEWER);
  }
  if (bytes > subscriptionBytes) {
    const what = `The resources that are subscribed to take more than ${subscriptionBytes} bytes`;
    throw overLimit(code, 'subscriptionBytes', what, FEWER);
  }
}

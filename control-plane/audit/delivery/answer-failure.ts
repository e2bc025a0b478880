import { DeliveryFailure } from './delivery-failure.js';

/** What the same batch will not change: it waits for somebody to put it right. */
const SLOWLY_MS = 60_000;
const LONGEST_MS = 300_000;
const TOO_LARGE = 413;

const CAUSES: Readonly<Record<number, string>> = {
  400: 'it takes the form of the batch for wrong',
  401: 'its key is not accepted',
  403: 'its key may not write there',
  404: 'there is nothing at its address',
  413: 'a record is larger than it takes',
};

/** `retryAfter`: the header of that name, in seconds or as a date (RFC 9110 §10.2.3). `now`: epoch milliseconds. */
export function answerFailure(status: number, retryAfter: string | undefined, now: number): DeliveryFailure {
  const cause = CAUSES[status];
  const message = `it answered with status ${status}${cause === undefined ? '' : `: ${cause}`}`;
  return new DeliveryFailure(message, {
    isTooLarge: status === TOO_LARGE,
    retryAfterMs: cause === undefined ? waitOf(retryAfter, now) : SLOWLY_MS,
  });
}

function waitOf(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const wait = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  return Number.isNaN(wait) ? undefined : Math.min(LONGEST_MS, Math.max(0, wait));
}

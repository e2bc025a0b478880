import { asCoded } from '#shared/errors.js';
import type { Caller } from '../../identity/caller.js';
import type { CallInFlight } from '../calls-in-flight.js';
import type { Identifier } from './identify.js';

/** Milliseconds between two confirmations: the life of an access token. */
const INTERVAL = 300_000;
const NO_ANSWER = { bytes: 0 };

/**
 * Lets a call go on only while its session is known to live, and outlive its token only while the sign-in is confirmed
 * anew: no stream runs on for a person who left without a signal. `answer` tells what has been sent. Ends the call with `session_ended`,
 * `session_unconfirmed` or `idp_unreachable`; disposing ends the watch.
 */
export function keepConfirmed(
  identity: Pick<Identifier, 'confirm' | 'watch'>,
  { session, tokenExpiresAt }: Pick<Caller, 'session' | 'tokenExpiresAt'>,
  call: Pick<CallInFlight, 'abort' | 'lasting'>,
  answer: { readonly bytes: number } = NO_ANSWER,
): Disposable {
  let timer: NodeJS.Timeout;
  let disposed = false;
  const wait = (milliseconds: number): void => {
    if (disposed) return;
    timer = setTimeout(() => {
      identity.confirm(session.id).then(
        () => wait(INTERVAL),
        (error: unknown) => disposed || call.abort(asCoded(error)),
      );
    }, milliseconds);
  };
  wait(Math.max(0, tokenExpiresAt - Date.now()));
  let seen = 0;
  // Somebody waits for a call. A stream may be open all day, so that what comes on it counts and nothing else.
  const isUse = (): boolean => {
    const came = answer.bytes !== seen;
    seen = answer.bytes;
    return came || !call.lasting;
  };
  const watch = identity.watch(session.id, (reason) => call.abort(reason), isUse);
  return {
    [Symbol.dispose]: () => {
      disposed = true;
      clearTimeout(timer);
      watch[Symbol.dispose]();
    },
  };
}

import { asCoded } from '#shared/errors.js';
import type { Caller } from '../../identity/caller.js';
import type { CallInFlight } from '../calls-in-flight.js';
import type { Identifier } from './identify.js';

/** Milliseconds between two confirmations: the life of an access token. */
const INTERVAL = 300_000;

/**
 * Lets a call go on only while its session is known to live, and outlive its token only while the sign-in is confirmed
 * anew: no stream runs on for a person who left without a signal. Ends the call with `session_ended`,
 * `session_unconfirmed` or `idp_unreachable`; disposing ends the watch.
 */
export function keepConfirmed(
  identity: Pick<Identifier, 'confirm' | 'watch'>,
  { session, tokenExpiresAt }: Pick<Caller, 'session' | 'tokenExpiresAt'>,
  call: Pick<CallInFlight, 'abort'>,
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
  const watch = identity.watch(session.id, (reason) => call.abort(reason));
  return {
    [Symbol.dispose]: () => {
      disposed = true;
      clearTimeout(timer);
      watch[Symbol.dispose]();
    },
  };
}

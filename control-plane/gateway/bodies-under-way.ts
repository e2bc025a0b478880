import { overLimit, type Limits } from '../config/limits.js';
import { Places } from './places.js';

/** Bounds the memory that one sign-in can take with bodies that arrive slowly; calls have a bound of their own. */
export class BodiesUnderWay {
  readonly #places: Places;

  constructor({ arrivingPerSignIn }: Pick<Limits, 'arrivingPerSignIn'>) {
    const what = `${arrivingPerSignIn} requests of yours are arriving, which is the limit`;
    const todo = 'Try again when one has arrived.';
    this.#places = new Places(arrivingPerSignIn, () => overLimit('rate_limited', 'arrivingPerSignIn', what, todo));
  }

  /** Throws `rate_limited`; disposing makes room again. */
  enter(session: string): Disposable {
    return this.#places.take(session);
  }
}

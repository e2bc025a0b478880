import type { CodedError } from '#shared/errors.js';
import { overLimit, type Limits } from '../../config/limits.js';
import { Places } from '../places.js';
import { INPUT_WAIT } from './client-requests.js';

export type AnsweringBounds = Pick<Limits, 'answersPerPerson' | 'answers'>;

interface Use {
  /** When the state would have expired by itself. */
  readonly until: number;
  readonly places: Disposable;
}

/** States that were used. Each person has a share, so that nobody fills the memory of the others. */
export class UsedStates {
  readonly #uses = new Map<string, Use>();
  readonly #persons: Places;
  readonly #all: Places;

  constructor(
    { answersPerPerson, answers }: AnsweringBounds,
    private readonly now: () => number,
  ) {
    this.#persons = new Places(answersPerPerson, () => tooMany('answersPerPerson', `You gave ${answersPerPerson}`));
    this.#all = new Places(answers, () => tooMany('answers', `People gave ${answers}`));
  }

  has(id: string): boolean {
    return this.#uses.has(id);
  }

  /** Throws `rate_limited` with the bound, and the state is not used. */
  add(person: string, id: string): void {
    this.#forgetExpired();
    using places = new DisposableStack();
    places.use(this.#persons.take(person));
    places.use(this.#all.take(''));
    this.#uses.set(id, { until: this.now() + INPUT_WAIT, places: places.move() });
  }

  #forgetExpired(): void {
    for (const [id, { until, places }] of this.#uses) {
      if (until > this.now()) return;
      this.#uses.delete(id);
      places[Symbol.dispose]();
    }
  }
}

function tooMany(key: keyof AnsweringBounds, who: string): CodedError {
  const what = `${who} answers to questions of MCP servers in ten minutes, which is the limit`;
  return overLimit('rate_limited', key, what, 'Send this one again in a few minutes.');
}

import { lookup } from 'node:dns';
import type { Resolve } from './guarded-connector.js';

/** Milliseconds that somebody waits for the addresses of a name. */
const WAIT = 5_000;
/** Names that are asked for at the same moment; of more the newest is refused. */
const MAX_NAMES = 256;
/** Connections that wait for one name. */
const MAX_WAITING = 256;

type Done = Parameters<Resolve>[2];

/**
 * One name of others at a time. `dns.lookup` holds a thread until the name's own server answers, and libuv gives names half of its four:
 * without a bound, two names that never answer would keep those of the identity provider and the database waiting too. Whoever
 * waits has an answer within 5 s; a name that nobody waits for any more is not asked for.
 */
export class BoundedLookup {
  readonly #waiting = new Map<string, Set<Done>>();
  #asked: string | undefined;

  constructor(
    private readonly find: Resolve = lookup,
    private readonly wait = WAIT,
  ) {}

  readonly resolve: Resolve = (name, _options, done) => {
    const waiting = this.#waiting.get(name) ?? new Set<Done>();
    if (waiting.size >= MAX_WAITING || this.#waiting.size >= MAX_NAMES) {
      process.nextTick(done, new Error(`too many names wait to be resolved for ${name}`), []);
      return;
    }
    const timer = setTimeout(() => {
      waiting.delete(answer);
      if (waiting.size === 0 && this.#asked !== name) this.#waiting.delete(name);
      done(new Error(`${name} was not resolved within ${this.wait} ms`), []);
    }, this.wait);
    const answer: Done = (error, found) => {
      clearTimeout(timer);
      done(error, found);
    };
    waiting.add(answer);
    this.#waiting.set(name, waiting);
    this.#next();
  };

  #next(): void {
    const [name] = this.#waiting.keys();
    if (this.#asked !== undefined || name === undefined) return;
    this.#asked = name;
    this.find(name, { all: true }, (error, found) => {
      const waiting = this.#waiting.get(name) ?? [];
      this.#waiting.delete(name);
      this.#asked = undefined;
      for (const answer of waiting) answer(error, found);
      this.#next();
    });
  }
}

const everyName = new BoundedLookup();

/** The one of this process. */
export const boundedLookup: Resolve = everyName.resolve;

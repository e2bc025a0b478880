import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';

/**
 * What one replica tells all. The id is a session's, an approval's or a connection request's, of `grants` and `connection-made` a person's, of `definition-…` a server's; of `candidate`, `catalog` and
 * `signing-keys` it says nothing.
 */
export type Topic =
  | 'approval'
  | 'candidate'
  | 'catalog'
  | 'connection'
  | 'connection-made'
  | 'definition-decided'
  | 'definition-seen'
  | 'grants'
  | 'session-changed'
  | 'session-ended'
  | 'signing-keys';

export interface Notice {
  readonly topic: Topic;
  readonly id: string;
}

export interface Published<T> {
  readonly result: T;
  readonly notices: readonly Notice[];
}

type Listener = (id: string) => void;

/** Tells every control plane on the same database, this one included, what has just been committed. */
export abstract class Notifications {
  readonly #listeners = new Map<Topic, Set<Listener>>();
  readonly #gaps = new Set<() => void>();

  /** Runs `work` in one transaction; its commit is what sends the notice. */
  publish<T>(notice: Notice, work: (transaction: Kysely<Database>) => Promise<T>): Promise<T> {
    return this.publishAll(async (transaction) => ({ result: await work(transaction), notices: [notice] }));
  }

  /** The same where only `work` can tell whom it concerns. */
  abstract publishAll<T>(work: (transaction: Kysely<Database>) => Promise<Published<T>>): Promise<T>;

  /** False while a notice that is more than a second old may not have been heard: then only the database knows. */
  abstract get current(): boolean;

  /** The listener must not throw. */
  subscribe(topic: Topic, listener: Listener): void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(topic, listeners);
  }

  /** The listener runs whenever notices may have been missed: whatever is remembered must be read again. */
  onGap(listener: () => void): void {
    this.#gaps.add(listener);
  }

  protected deliver({ topic, id }: Notice): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener(id);
  }

  protected gap(): void {
    for (const listener of this.#gaps) listener();
  }
}

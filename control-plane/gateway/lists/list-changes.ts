export interface ListChange {
  /** Whose lists are others than before; undefined for those of every server. */
  readonly server: string | undefined;
  /** Id of the one person whose lists they are; everybody's where absent. */
  readonly person?: string;
  readonly lists: readonly ('tools' | 'prompts' | 'resources')[];
}

export const EVERY_LIST: ListChange['lists'] = ['tools', 'prompts', 'resources'];

/** Milliseconds for each listener, and for all: whoever is told asks for the lists again, and a server can answer so many. */
const PACE = 5;
const LONGEST = 10_000;

/** `within`: milliseconds over which those who are told are spread. */
type ListChangeListener = (change: ListChange, within: number) => void;

/** Where it is told that lists have changed: by a server, because it answers again, or because policy changed. */
export class ListChanges {
  readonly #listeners = new Set<ListChangeListener>();

  announce(change: ListChange): void {
    const within = Math.min(LONGEST, PACE * this.#listeners.size);
    for (const listener of this.#listeners) listener(change, within);
  }

  /** Disposing ends it. What a listener tells a person must not depend on more than that something changed. */
  onChange(listener: ListChangeListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }
}

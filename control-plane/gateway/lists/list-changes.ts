export interface ListChange {
  /** Whose lists are others than before; undefined for those of every server. */
  readonly server: string | undefined;
  readonly lists: readonly ('tools' | 'prompts' | 'resources')[];
}

export const EVERY_LIST: ListChange['lists'] = ['tools', 'prompts', 'resources'];

/** Where it is told that lists have changed: by a server, because it answers again, or because policy changed. */
export class ListChanges {
  readonly #listeners = new Set<(change: ListChange) => void>();

  announce(change: ListChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** Disposing ends it. What a listener tells a person must not depend on more than that something changed. */
  onChange(listener: (change: ListChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }
}

import { EVERY_LIST, type ListChange } from '../lists/list-changes.js';

type Lists = ListChange['lists'];

/** Tells one client that lists have changed, at a moment of its own, so that not all clients ask for them at once. */
export class Telling {
  readonly #untold = new Set<Lists[number]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly tell: (lists: Lists) => void) {}

  /** `within`: milliseconds. What changes until then is told along. */
  later(lists: Lists, within: number): void {
    for (const list of lists) this.#untold.add(list);
    this.#timer ??= setTimeout(() => this.#tell(), Math.random() * within).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#untold.clear();
  }

  #tell(): void {
    const lists = EVERY_LIST.filter((list) => this.#untold.has(list));
    this.#timer = undefined;
    this.#untold.clear();
    this.tell(lists);
  }
}

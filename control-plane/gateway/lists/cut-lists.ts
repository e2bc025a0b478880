import type { Limits } from '../../config/limits.js';
import type { ListMethod } from '../call/route.js';

/** The bound that a list was longer than. */
export type ListBound = 'listItems' | 'listPages';

/** Lists of which only a part is shown, so that whoever sees it learns that it is one. */
export class CutLists {
  readonly #servers = new Map<string, Map<ListMethod, ListBound>>();

  /** How a list came out now; true where it was whole before, as far as is known. */
  note(server: string, method: ListMethod, bound: ListBound | undefined): boolean {
    const lists = this.#servers.get(server) ?? new Map<ListMethod, ListBound>();
    const known = lists.get(method);
    if (bound === undefined) lists.delete(method);
    else lists.set(method, bound);
    this.#servers.set(server, lists);
    return bound !== undefined && known === undefined;
  }

  of(server: string): ListBound | undefined {
    return this.#servers.get(server)?.values().next().value;
  }

  /** What a person is told of these servers: nothing, or one sentence for each bound. */
  sentences(servers: readonly string[], limits: Pick<Limits, ListBound>): string[] {
    const cut = Map.groupBy(servers, (server) => this.of(server));
    return (['listItems', 'listPages'] as const).flatMap((bound) => {
      const names = cut.get(bound);
      const size = `${limits[bound]} ${bound === 'listItems' ? 'items' : 'pages'}`;
      if (names === undefined) return [];
      return [`Shown only in part, because a list is longer than ${size} (limits.${bound}): ${names.join(', ')}.`];
    });
  }
}

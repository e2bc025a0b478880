import { LISTS, type ListMethod, type Target } from '../call/route.js';

/**
 * The names that servers were last seen to offer. They answer whether a person may use anything of a server, so that a
 * denied call need not ask the server first, and what a shortened name stands for.
 */
export class KnownTargets {
  readonly #servers = new Map<string, Map<ListMethod, readonly Target[]>>();

  /** For the next revision of the catalog: what is known of the servers that are the same in it. */
  carriedOver(isSame: (server: string) => boolean): KnownTargets {
    const next = new KnownTargets();
    for (const [server, lists] of this.#servers) if (isSame(server)) next.#servers.set(server, new Map(lists));
    return next;
  }

  /** `names` is as long as a list may be. */
  remember(server: string, method: ListMethod, names: readonly string[]): void {
    const lists = this.#servers.get(server) ?? new Map<ListMethod, readonly Target[]>();
    const { kind } = LISTS[method];
    lists.set(
      method,
      names.map((name) => ({ kind, name })),
    );
    this.#servers.set(server, lists);
  }

  /** What a list of the server named when it was last seen. */
  names(server: string, method: ListMethod): readonly string[] {
    const targets = this.#servers.get(server)?.get(method) ?? [];
    return targets.map(({ name }) => name);
  }

  /** Undefined where the server's tools were never listed. */
  of(server: string): readonly Target[] | undefined {
    const lists = this.#servers.get(server);
    return lists?.has('tools/list') ? [...lists.values()].flat() : undefined;
  }
}

import { LISTS, type ListMethod, type Target } from '../call/route.js';

const MAX_TARGETS = 1_000;

/**
 * The names that servers were last seen to offer. They only answer whether a person may use anything of a server,
 * so that a denied call need not ask the server first.
 */
export class KnownTargets {
  readonly #servers = new Map<string, Map<ListMethod, readonly Target[]>>();

  remember(server: string, method: ListMethod, names: readonly string[]): void {
    const lists = this.#servers.get(server) ?? new Map<ListMethod, readonly Target[]>();
    const { kind } = LISTS[method];
    lists.set(
      method,
      names.slice(0, MAX_TARGETS).map((name) => ({ kind, name })),
    );
    this.#servers.set(server, lists);
  }

  /** Undefined where the server's tools were never listed. */
  of(server: string): readonly Target[] | undefined {
    const lists = this.#servers.get(server);
    return lists?.has('tools/list') ? [...lists.values()].flat() : undefined;
  }
}

import { createHash } from 'node:crypto';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { definitionOf, type Definition } from './definition.js';

/** Of one server: clients and credentials may be shown different lists. */
const LISTS = 8;

export type Pin = Pick<Definition, 'tool' | 'sha256'>;

/** The hashes of lists that were seen before, so that a list that has not changed is hashed once. */
export class ListMemory {
  readonly #servers = new Map<string, Map<string, readonly Pin[]>>();

  /** One for each item, in their order. */
  pinsOf(server: string, items: readonly JsonObject[]): readonly Pin[] {
    const lists = this.#servers.get(server) ?? new Map<string, readonly Pin[]>();
    const digest = createHash('sha256').update(JSON.stringify(items)).digest('base64');
    const known = lists.get(digest);
    if (known !== undefined) return known;
    const pins = items.map((item) => {
      const { tool, sha256 } = definitionOf(item);
      return { tool, sha256 };
    });
    const [oldest] = lists.keys();
    if (oldest !== undefined && lists.size >= LISTS) lists.delete(oldest);
    this.#servers.set(server, lists.set(digest, pins));
    return pins;
  }
}

import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { headerParameters, type HeaderParameter } from '#shared/mcp/parameter-headers.js';
import { LISTS, type ListMethod, type Target } from '../call/route.js';

type SchemaOf = (server: string, tool: string) => JsonObject | undefined;

/**
 * The names that servers were last seen to offer. They answer whether a person may use anything of a server, so that a
 * denied call need not ask the server first, and what a shortened name stands for.
 */
export class KnownTargets {
  readonly #servers = new Map<string, Map<ListMethod, readonly Target[]>>();
  /** Of the tools that this process has listed. */
  readonly #headers = new Map<string, ReadonlyMap<string, readonly HeaderParameter[]>>();

  /** Names of tools that are offered without the server having been asked. */
  readonly #accepted = new Map<string, readonly string[]>();

  /** `schemaOf`: the accepted schema of a tool's arguments, also where this process has not listed its server yet. */
  constructor(private readonly schemaOf: SchemaOf = () => undefined) {}

  /** For the next revision of the catalog: what is known of the servers that are the same in it. */
  carriedOver(isSame: (server: string) => boolean): KnownTargets {
    const next = new KnownTargets(this.schemaOf);
    for (const [server, lists] of this.#servers) if (isSame(server)) next.#servers.set(server, new Map(lists));
    for (const [server, tools] of this.#headers) if (isSame(server)) next.#headers.set(server, tools);
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

  /** Of a server that was not asked: they say what a name stands for, and nothing of what else it has. */
  rememberAccepted(server: string, tools: readonly string[]): void {
    this.#accepted.set(server, tools);
  }

  /** The items of `tools/list`: which arguments travel as headers too. */
  rememberHeaders(server: string, tools: readonly JsonObject[]): void {
    const headers = tools.map(({ name, inputSchema }) => [String(name), headerParameters(inputSchema)] as const);
    this.#headers.set(server, new Map(headers));
  }

  /** Undefined where no list has named the tool, and none that was accepted did before. */
  headersOf(server: string, tool: string): readonly HeaderParameter[] | undefined {
    const listed = this.#headers.get(server)?.get(tool);
    if (listed !== undefined) return listed;
    const schema = this.schemaOf(server, tool);
    return schema && headerParameters(schema);
  }

  /** What a list of the server named when it was last seen. */
  names(server: string, method: ListMethod): readonly string[] {
    const targets = this.#servers.get(server)?.get(method);
    if (targets === undefined && method === 'tools/list') return this.#accepted.get(server) ?? [];
    return (targets ?? []).map(({ name }) => name);
  }

  /** Undefined where the server's tools were never listed. */
  of(server: string): readonly Target[] | undefined {
    const lists = this.#servers.get(server);
    return lists?.has('tools/list') ? [...lists.values()].flat() : undefined;
  }
}

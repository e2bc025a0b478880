import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { ArgumentPath } from './picked-arguments.js';
import type { Slices } from './slices.js';

/** The normalised twin of a text is made of the text. */
const ROOTS: ReadonlySet<unknown> = new Set(['args', 'paths']);

/** What the policies of one revision read of the arguments of a call, by server. */
export class ArgumentReads {
  readonly #servers: ReadonlyMap<string, readonly ArgumentPath[]>;
  readonly #others: readonly ArgumentPath[];

  constructor({ servers, others }: Slices) {
    this.#servers = new Map([...servers].map(([server, texts]) => [server, readsOfAll(texts)]));
    this.#others = readsOfAll(others);
  }

  of(server: string): readonly ArgumentPath[] {
    return this.#servers.get(server) ?? this.#others;
  }
}

function readsOfAll(texts: Readonly<Record<string, string>>): readonly ArgumentPath[] {
  const found = new Map(Object.values(texts).flatMap((text) => argumentReads(text).map((path) => [key(path), path])));
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** Every way down from `context.args` or `context.paths` that a policy takes; the empty one where it reads them whole. */
export function argumentReads(text: string): ArgumentPath[] {
  const parsed = policyToJson(text);
  const found: ArgumentPath[] = [];
  if (parsed.type === 'success') collect(parsed.json.conditions, found);
  return found;
}

function collect(json: unknown, found: ArgumentPath[]): void {
  if (typeof json !== 'object' || json === null) return;
  const path = pathOf(json);
  if (path === undefined) for (const part of Object.values(json)) collect(part, found);
  // The whole of the context holds the arguments; that there are any is always so.
  else if (path.length === 0) found.push([]);
  else if (ROOTS.has(path[0]) && !(path.length === 1 && 'has' in json)) found.push(path.slice(1));
}

/** `context.a.b`, `context.a has b` and `context has a.b` as names below `context`; undefined for anything else. */
function pathOf(json: object): string[] | undefined {
  if ('Var' in json) return json.Var === 'context' ? [] : undefined;
  const step: unknown = '.' in json ? json['.'] : 'has' in json ? json.has : undefined;
  if (!isObject(step) || !isObject(step['left'])) return undefined;
  const { attr } = step;
  const names = Array.isArray(attr) ? attr.map(String) : [String(attr)];
  const above = pathOf(step['left']);
  return above && [...above, ...names];
}

function key(path: ArgumentPath): string {
  return JSON.stringify(path);
}

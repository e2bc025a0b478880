import { policyToJson, type Expr } from '@cedar-policy/cedar-wasm/nodejs';
import type { ArgumentPath } from './picked-arguments.js';
import type { PolicyTraits } from './policy-traits.js';
import type { Slices } from './slices.js';
import { contextPath, partsOf, testedPath } from './source/expressions.js';

/** The normalised twin of a text is made of the text. */
const ROOTS: ReadonlySet<unknown> = new Set(['args', 'paths']);

/** What the policies of one revision read of the arguments of a call, by server. */
export class ArgumentReads {
  readonly #servers: ReadonlyMap<string, readonly ArgumentPath[]>;
  readonly #others: readonly ArgumentPath[];

  constructor({ servers, others }: Slices, traits: Readonly<Record<string, PolicyTraits>>) {
    const readsOfAll = (slice: object): readonly ArgumentPath[] =>
      distinct(Object.keys(slice).flatMap((id) => traits[id]?.arguments ?? []));
    this.#servers = new Map([...servers].map(([server, slice]) => [server, readsOfAll(slice)]));
    this.#others = readsOfAll(others);
  }

  of(server: string): readonly ArgumentPath[] {
    return this.#servers.get(server) ?? this.#others;
  }
}

function distinct(paths: readonly ArgumentPath[]): readonly ArgumentPath[] {
  const found = new Map(paths.map((path) => [key(path), path]));
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** Every way down from `context.args` or `context.paths` that a policy takes; the empty one where it reads them whole. */
export function argumentReads(text: string): ArgumentPath[] {
  const parsed = policyToJson(text);
  const found: ArgumentPath[] = [];
  if (parsed.type === 'success') for (const { body } of parsed.json.conditions) collect(body, found);
  return found;
}

function collect(expression: Expr, found: ArgumentPath[]): void {
  const tested = testedPath(expression);
  const path = tested ?? contextPath(expression);
  if (path === undefined) for (const part of partsOf(expression)) collect(part, found);
  // The whole of the context holds the arguments; that there are any is always so.
  else if (path.length === 0) found.push([]);
  else if (ROOTS.has(path[0]) && !(path.length === 1 && tested)) found.push(path.slice(1));
}

function key(path: ArgumentPath): string {
  return JSON.stringify(path);
}

import { policyToJson, type Expr, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyTarget } from './decision.js';
import { qualify, TYPES } from './names.js';
import type { ArgumentPath } from './picked-arguments.js';
import type { PolicyTraits } from './policy-traits.js';
import type { Slices } from './slices.js';
import { contextPath, partsOf, testedPath } from './source/expressions.js';

/** The normalised twin of a text is made of the text. */
const ROOTS: ReadonlySet<unknown> = new Set(['args', 'paths']);

export interface ArgumentReader {
  /** The tools whose calls it can concern; undefined where that may be any. */
  readonly actions: ReadonlySet<string> | undefined;
  readonly paths: readonly ArgumentPath[];
}

/** What the policies of one revision read of the arguments of a call. */
export class ArgumentReads {
  readonly #servers: ReadonlyMap<string, readonly ArgumentReader[]>;
  readonly #others: readonly ArgumentReader[];

  constructor({ servers, others }: Slices, traits: Readonly<Record<string, Pick<PolicyTraits, 'arguments'>>>) {
    const readersIn = (slice: object): ArgumentReader[] =>
      Object.keys(slice).flatMap((id) => traits[id]?.arguments ?? []);
    this.#servers = new Map([...servers].map(([server, slice]) => [server, readersIn(slice)]));
    this.#others = readersIn(others);
  }

  /** In the same order every time, each once. */
  of(server: string, { name }: Pick<PolicyTarget, 'name'>): readonly ArgumentPath[] {
    const action = qualify(server, name);
    const readers = (this.#servers.get(server) ?? this.#others).filter(({ actions }) => actions?.has(action) ?? true);
    const found = new Map(readers.flatMap(({ paths }) => paths.map((path) => [JSON.stringify(path), path])));
    return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  }
}

/** What one policy reads of arguments; undefined where it reads none. */
export function argumentReader(policy: PolicyJson): ArgumentReader | undefined {
  const paths = pathsIn(policy);
  return paths.length === 0 ? undefined : { actions: actionsOf(policy), paths };
}

/** Every way down from `context.args` or `context.paths` that a policy takes; the empty one where it reads them whole. */
export function argumentReads(text: string): ArgumentPath[] {
  const parsed = policyToJson(text);
  return parsed.type === 'success' ? pathsIn(parsed.json) : [];
}

function pathsIn({ conditions }: PolicyJson): ArgumentPath[] {
  const found: ArgumentPath[] = [];
  for (const { body } of conditions) collect(body, found);
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

/** Actions with a slash belong to one tool; any other may be a group of them. */
function actionsOf({ action }: PolicyJson): ReadonlySet<string> | undefined {
  if (action.op === 'All') return undefined;
  const named = 'entity' in action ? [action.entity] : 'entities' in action ? action.entities : undefined;
  const ids = named?.map((entity) => ('__entity' in entity ? entity.__entity : entity));
  if (ids === undefined || ids.some(({ type, id }) => type !== TYPES.action || !id.includes('/'))) return undefined;
  return new Set(ids.map(({ id }) => id));
}

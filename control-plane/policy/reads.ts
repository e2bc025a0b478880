import { policyToJson, type Expr } from '@cedar-policy/cedar-wasm/nodejs';
import { contextPath, partsOf, testedPath } from './source/expressions.js';

/** What policies read of a call's circumstances and arguments. Whatever is not among it changes no decision of theirs. */
export interface Reads {
  /** First names below `context.args`. */
  readonly args: ReadonlySet<string>;
  /** First names below `context.paths`. */
  readonly paths: ReadonlySet<string>;
  /** Names below `context.session`. */
  readonly session: ReadonlySet<string>;
  /** It reads a whole of `context`, or cannot be parsed: then it may read anything. */
  readonly whole: boolean;
}

/** What one policy reads, by its text. */
export function readsOf(text: string): Reads {
  return readsOfAll([text]);
}

/** What any of the policies reads. */
export function readsOfAll(texts: readonly string[]): Reads {
  const found = {
    args: new Set<string>(),
    paths: new Set<string>(),
    session: new Set<string>(),
    whole: false,
  };
  for (const text of texts) {
    const parsed = policyToJson(text);
    if (parsed.type === 'failure') found.whole = true;
    else for (const { body } of parsed.json.conditions) collect(body, found);
  }
  return found;
}

/** Whether an expression's value can depend on the arguments of the call. */
export function dependsOnArguments(expression: Expr): boolean {
  const found: Collected = { args: new Set(), paths: new Set(), session: new Set(), whole: false };
  collect(expression, found);
  return readsArguments(found);
}

export function readsArguments({ args, paths, whole }: Reads): boolean {
  return whole || args.size > 0 || paths.size > 0;
}

interface Collected {
  readonly args: Set<string>;
  readonly paths: Set<string>;
  readonly session: Set<string>;
  whole: boolean;
}

function collect(expression: Expr, found: Collected): void {
  const path = testedPath(expression) ?? contextPath(expression);
  if (path === undefined) {
    for (const part of partsOf(expression)) collect(part, found);
    return;
  }
  const [part, name] = path;
  if (name === undefined) found.whole = true;
  else if (part === 'args' || part === 'paths' || part === 'session') found[part].add(name);
}

import type { Expr, PatternElem } from '@cedar-policy/cedar-wasm/nodejs';
import { contextPath, partsOf } from './source/expressions.js';

const PATH = /^(?:[/\\~]|\.{1,2}[/\\]|file:|[a-z]:[/\\])/i;
const COMPARING = ['==', '!=', 'like', 'contains', 'containsAll', 'containsAny'] as const;

/** Names of the arguments that expressions compare with a path as they are spelled: `context.args.file like "/srv/*"`. */
export function comparedAsText(expressions: readonly Expr[]): readonly string[] {
  const found = expressions.flatMap((expression) => {
    const compares = COMPARING.some((operator) => operator in expression) && hasPath(expression);
    const own = compares ? partsOf(expression).flatMap(argumentsOf) : [];
    return [...own, ...comparedAsText(partsOf(expression))];
  });
  return [...new Set(found)];
}

function argumentsOf(expression: Expr): readonly string[] {
  const path = contextPath(expression);
  if (path === undefined) return partsOf(expression).flatMap(argumentsOf);
  return path[0] === 'args' && path[1] !== undefined ? [path[1]] : [];
}

function hasPath(expression: Expr): boolean {
  if ('Value' in expression) return typeof expression.Value === 'string' && PATH.test(expression.Value);
  if ('like' in expression && !Array.isArray(expression.like)) return PATH.test(beginning(expression.like.pattern));
  return partsOf(expression).some(hasPath);
}

/** What stands before the first wildcard. */
function beginning(pattern: readonly PatternElem[]): string {
  const end = pattern.indexOf('Wildcard');
  const literals = end < 0 ? pattern : pattern.slice(0, end);
  return literals.map((literal) => (literal === 'Wildcard' ? '' : literal.Literal)).join('');
}

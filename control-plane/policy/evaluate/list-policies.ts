import { policyToJson, type Clause, type Expr, type Policy, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { dependsOnArguments } from '../reads.js';

/**
 * Policies as they decide about lists, where nobody has given arguments yet: a permit as if all that depends on them held, a forbid
 * as if none of it did. Undefined where no policy depends on them.
 * @throws Error for a text that cannot be parsed.
 */
export function listPolicies(texts: Readonly<Record<string, string>>): Record<string, Policy> | undefined {
  let differ = false;
  const policies = Object.entries(texts).map(([id, text]): [string, Policy] => {
    const parsed = policyToJson(text);
    if (parsed.type === 'failure') throw new Error(parsed.errors.map(({ message }) => message).join('; '));
    if (!parsed.json.conditions.some(({ body }) => dependsOnArguments(body))) return [id, text];
    differ = true;
    return [id, withoutArguments(parsed.json)];
  });
  return differ ? Object.fromEntries(policies) : undefined;
}

function withoutArguments(policy: PolicyJson): PolicyJson {
  const held = policy.effect === 'permit';
  const conditions = policy.conditions.map(({ kind, body }): Clause => {
    return { kind, body: bounded(body, kind === 'when' ? held : !held) };
  });
  return { ...policy, conditions };
}

/** The expression with whatever depends on arguments replaced, so that it is `held` at least as often as with any arguments. */
function bounded(expression: Expr, held: boolean): Expr {
  if (!dependsOnArguments(expression)) return expression;
  if ('&&' in expression && !Array.isArray(expression['&&'])) {
    const { left, right } = expression['&&'];
    return { '&&': { left: bounded(left, held), right: bounded(right, held) } };
  }
  if ('||' in expression && !Array.isArray(expression['||'])) {
    const { left, right } = expression['||'];
    return { '||': { left: bounded(left, held), right: bounded(right, held) } };
  }
  if ('!' in expression && !Array.isArray(expression['!']))
    return { '!': { arg: bounded(expression['!'].arg, !held) } };
  return { Value: held };
}

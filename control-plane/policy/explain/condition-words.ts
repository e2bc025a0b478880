import { policyToText, type Expr, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyInput } from '../decision.js';

type Condition = PolicyJson['conditions'][number];
type Scope = PolicyJson['principal'] | PolicyJson['action'] | PolicyJson['resource'];

/** The conditions of a policy one by one: `when { a && b }` is two. */
export function clausesOf(conditions: readonly Condition[]): Condition[] {
  return conditions.flatMap(({ kind, body }) => {
    if (kind === 'when') return conjuncts(body).map((clause): Condition => ({ kind, body: clause }));
    return [{ kind, body }];
  });
}

function conjuncts(body: Expr): Expr[] {
  if (!('&&' in body)) return [body];
  const both = body['&&'];
  return Array.isArray(both) ? [body] : [...conjuncts(both.left), ...conjuncts(both.right)];
}

/** A clause as Cedar writes it. */
export function conditionWords({ kind, body }: Condition): string {
  const answer = policyToText({
    effect: 'permit',
    principal: { op: 'All' },
    action: { op: 'All' },
    resource: { op: 'All' },
    conditions: [{ kind: 'when', body }],
  });
  const text = answer.type === 'success' ? answer.text : '';
  const [, clause = 'one of its conditions held'] = /\bwhen\s*\{([^]*)\}\s*;?\s*$/.exec(text) ?? [];
  const words = clause.replaceAll(/\s+/g, ' ').trim();
  return kind === 'when' ? words : `not (${words})`;
}

/** What a part of a policy's scope demands: `principal were in okta/sales`. */
export function scopeWords(part: 'principal' | 'action' | 'resource', scope: Scope, { target }: PolicyInput): string {
  const subject = part === 'action' && target.kind === 'tool' ? `the effect of the tool (${target.effect})` : part;
  const named = entitiesOf(scope).join(' or ');
  if (scope.op === 'is')
    return `${part} were ${[scope.entity_type, ...(named === '' ? [] : [`in ${named}`])].join(' ')}`;
  if (part !== 'action') return `${part} were ${scope.op === '==' ? named : `in ${named}`}`;
  return named.includes('/') ? `the call were ${named}` : `${subject} were ${named}`;
}

function entitiesOf(scope: Scope): string[] {
  const within = scope.op === 'is' ? scope.in : scope;
  if (within === undefined) return [];
  const named = 'entity' in within ? [within.entity] : 'entities' in within ? within.entities : [];
  return named.map((entity) => ('__entity' in entity ? entity.__entity.id : entity.id));
}

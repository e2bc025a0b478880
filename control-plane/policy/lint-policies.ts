import { policyToJson, type Expr, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { nearestWord } from '../config/nearest-word.js';
import type { Fault, Settings } from '../config/settings.js';
import { readsOf } from './reads.js';
import { contextPath, partsOf } from './source/expressions.js';
import type { SourcePolicy } from './source/read-policies.js';
import { faultAt } from './source/source-text.js';
import { stepUpOf } from './step-up-annotations.js';
import { approversOf } from './approval-annotations.js';

type Warning = Pick<Fault, 'message' | 'fix'>;

interface Parsed {
  readonly policy: SourcePolicy;
  readonly json: PolicyJson;
}

/** What Cedar and we accept of policies although hardly anybody means it. The policies have no fault. */
export function lintPolicies(policies: readonly SourcePolicy[], settings: Settings): Fault[] {
  const parsed = policies.flatMap((policy): Parsed[] => {
    const result = policyToJson(policy.text);
    return result.type === 'success' ? [{ policy, json: result.json }] : [];
  });
  const forbidden = forbiddenScopes(parsed);
  return parsed.flatMap(({ policy, json }) =>
    [
      ...networkWarnings(json, settings),
      ...(policy.effect === 'permit' ? permitWarnings(policy, json, forbidden) : []),
    ].map((warning) => faultAt(policy.source, policy.start, { key: policy.key, ...warning })),
  );
}

function permitWarnings(
  { text }: SourcePolicy,
  json: PolicyJson,
  forbidden: ReadonlyMap<string, string>,
): readonly Warning[] {
  const forbid = forbidden.get(scopeText(json));
  return [
    ...(isOpen(json) ? [OPEN] : []),
    ...(readsOf(text).session.has('claimedClient') ? [CLAIMED] : []),
    ...(forbid === undefined ? [] : [shadowed(forbid)]),
  ];
}

/** Ids of the forbids that nothing opens for anybody, by what they forbid. */
function forbiddenScopes(parsed: readonly Parsed[]): ReadonlyMap<string, string> {
  const plain = parsed.filter(
    ({ policy, json }) =>
      policy.effect === 'forbid' &&
      json.conditions.length === 0 &&
      stepUpOf(policy) === undefined &&
      approversOf(policy) === undefined,
  );
  return new Map(plain.map(({ policy, json }) => [scopeText(json), policy.key]));
}

/** The same text only for the same scope. */
function scopeText({ principal, action, resource }: PolicyJson): string {
  return JSON.stringify([principal, action, resource]);
}

function isOpen({ principal, action, resource }: PolicyJson): boolean {
  return [principal, action, resource].every(({ op }) => op === 'All');
}

/** A name that no network has is in nobody's set, so the test is false for ever. */
function networkWarnings({ conditions }: PolicyJson, { networks }: Settings): readonly Warning[] {
  const known = Object.keys(networks);
  const named = new Set(conditions.flatMap(({ body }) => networksIn(body)));
  return [...named].filter((name) => !known.includes(name)).map((name) => unknownNetwork(name, known));
}

function networksIn(expression: Expr): readonly string[] {
  const [test] = Object.entries(
    expression as Readonly<Record<string, { readonly left?: Expr; readonly right?: Expr }>>,
  );
  const [operator = '', { left, right } = {}] = test ?? [];
  const names = TESTS_OF_SETS.has(operator) && left && right && isNetworks(left) ? textsIn(right) : [];
  return [...names, ...partsOf(expression).flatMap(networksIn)];
}

const TESTS_OF_SETS: ReadonlySet<string> = new Set(['contains', 'containsAny', 'containsAll']);

function isNetworks(expression: Expr): boolean {
  return contextPath(expression)?.join('.') === 'session.networks';
}

function textsIn(expression: Expr): readonly string[] {
  if ('Value' in expression) return typeof expression.Value === 'string' ? [expression.Value] : [];
  return partsOf(expression).flatMap(textsIn);
}

function unknownNetwork(name: string, known: readonly string[]): Warning {
  const nearest = nearestWord(name, known);
  const listed = `known are: ${known.slice(0, 20).join(', ') || 'none'}`;
  return {
    message: `there is no network ${JSON.stringify(name.slice(0, 100))} in the settings, so nobody is ever in it`,
    fix: nearest === undefined ? listed : `did you mean \`${nearest}\`? ${listed}`,
  };
}

function shadowed(forbid: string): Warning {
  return {
    message: `it can never apply: "${forbid}" forbids the same, without a condition`,
    fix: 'take one of the two out, or narrow the forbid',
  };
}

const OPEN = {
  message: 'it permits at every server, also at those that come later: principal, action and resource are all open',
  fix: 'name a group, a kind of action or a server in its scope',
};
const CLAIMED = {
  message: 'it permits by context.session.claimedClient, which every client says of itself as it likes',
  fix: 'use context.session.client, the client that the sign-in was given to',
};

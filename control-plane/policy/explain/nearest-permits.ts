import { policyToJson, policyToText, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyInput } from '../decision.js';
import { evaluate, loadPolicies, NO_POLICIES, type CompiledPolicies } from '../evaluate/evaluate.js';
import { clausesOf, conditionWords, scopeWords } from './condition-words.js';

/** A permit that would have allowed a call, were it not for these conditions. */
export interface NearPermit {
  readonly id: string;
  /** The first condition of each kind that failed, as words: `principal were in okta/sales`. */
  readonly unless: readonly string[];
  /** The whole in one sentence. */
  readonly sentence: string;
}

const SLOT = 'explain-part';
const SCOPE = ['principal', 'action', 'resource'] as const;
/** How many are looked at condition by condition, and how many are shown. */
const EXAMINED = 20;
const SHOWN = 3;

interface Permit {
  readonly id: string;
  readonly json: PolicyJson;
}

/**
 * The permits of a slice that come nearest to permitting a call, the nearest first. Cedar itself judges each part on its own, so
 * that what is said is what it does. A permit for other resources is not near.
 */
export function nearestPermits(
  slice: Readonly<Record<string, string>>,
  policies: CompiledPolicies,
  input: PolicyInput,
): NearPermit[] {
  const permits = Object.entries(slice).flatMap(([id, text]) => permitOf(id, text));
  const met = new Map(SCOPE.map((part) => [part, meetingScope(permits, part, policies, input)]));
  const open = (id: string): number => SCOPE.filter((part) => !met.get(part)?.has(id)).length;
  const near = permits
    .filter(({ id }) => met.get('resource')?.has(id))
    .toSorted((a, b) => open(a.id) - open(b.id))
    .slice(0, EXAMINED)
    .map(({ id, json }) => {
      const scope = SCOPE.filter((part) => !met.get(part)?.has(id)).map((part) => scopeWords(part, json[part], input));
      const clause = firstFailing(json, policies, input);
      return nearPermit(id, [...scope, ...(clause === undefined ? [] : [conditionWords(clause)])]);
    });
  return near.toSorted((a, b) => a.unless.length - b.unless.length).slice(0, SHOWN);
}

function nearPermit(id: string, unless: readonly string[]): NearPermit {
  const needed = unless.length === 0 ? '' : ` if ${unless.join(' and ')}`;
  return { id, unless, sentence: `would be permitted by ${id}${needed}` };
}

function permitOf(id: string, text: string): Permit[] {
  const parsed = policyToJson(text);
  return parsed.type === 'success' && parsed.json.effect === 'permit' ? [{ id, json: parsed.json }] : [];
}

const EVERYTHING = {
  effect: 'permit',
  principal: { op: 'All' },
  action: { op: 'All' },
  resource: { op: 'All' },
  conditions: [],
} as const satisfies PolicyJson;

/** Ids of the permits that would apply if this part of their scope were all that they say. */
function meetingScope(
  permits: readonly Permit[],
  part: (typeof SCOPE)[number],
  policies: CompiledPolicies,
  input: PolicyInput,
): ReadonlySet<string> {
  const parts = permits.flatMap(({ id, json }): [string, string][] => {
    const text = textOf({ ...EVERYTHING, conditions: [], [part]: json[part] });
    return text === undefined ? [] : [[id, text]];
  });
  return new Set(applying(Object.fromEntries(parts), policies, input));
}

/** Clause by clause from the first on, since each may lean on those before it (`has`). Undefined where all hold. */
function firstFailing(
  json: PolicyJson,
  policies: CompiledPolicies,
  input: PolicyInput,
): PolicyJson['conditions'][number] | undefined {
  const clauses = clausesOf(json.conditions);
  return clauses.find((_clause, index) => {
    const text = textOf({ ...EVERYTHING, conditions: clauses.slice(0, index + 1) });
    return text === undefined || applying({ clause: text }, policies, input).length === 0;
  });
}

function textOf(json: PolicyJson): string | undefined {
  const answer = policyToText(json);
  return answer.type === 'success' ? answer.text : undefined;
}

/** Which of these permits apply, and nothing else: no grant, no review, no demand. */
function applying(
  texts: Readonly<Record<string, string>>,
  policies: CompiledPolicies,
  input: PolicyInput,
): readonly string[] {
  loadPolicies(SLOT, texts);
  const { target } = input;
  const bare: PolicyInput = {
    ...input,
    grant: undefined,
    target: target.kind === 'tool' ? { ...target, reviewed: true } : target,
  };
  const decision = evaluate(SLOT, { ...NO_POLICIES, readArguments: policies.readArguments, texts }, bare);
  return decision.outcome === 'allow' ? decision.policies : [];
}

import { nearestWord } from '../../config/nearest-word.js';
import type { Fault, Settings } from '../../config/settings.js';
import { callOutcome, decidingPolicies } from '../call-outcome.js';
import type { PolicyInput } from '../decision.js';
import { evaluate, loadPolicies, type CompiledPolicies } from '../evaluate/evaluate.js';
import { qualifierOf } from '../names.js';
import { sliceByServer } from '../slices.js';
import type { ExpectedOutcome } from './case-schema.js';
import { inputOfCase } from './question-of-case.js';
import type { SourceCase } from './read-cases.js';

/** What came of one case. */
export interface CaseOutcome {
  readonly file: string;
  readonly line: number;
  /** Its name, or `case 3` where it has none. */
  readonly name: string;
  readonly expected: ExpectedOutcome;
  readonly passed: boolean;
  readonly outcome: ExpectedOutcome;
  /** Ids of all policies that have a part in it, sorted. */
  readonly policies: readonly string[];
  readonly reason: string;
}

// Loaded and used within one tick, so one slot serves every test run of the process.
const SLOT = 'policy-tests';

/** Decides every case as a call would be decided. The policies must have compiled under these settings. */
export function runCases(
  cases: readonly SourceCase[],
  policies: CompiledPolicies,
  settings: Settings,
): { readonly outcomes: readonly CaseOutcome[]; readonly faults: readonly Fault[] } {
  const { servers, others } = sliceByServer(policies.texts);
  const decided = new Map<SourceCase, CaseOutcome>();
  for (const [server, asked] of Map.groupBy(cases, ({ is }) => is.server)) {
    loadPolicies(SLOT, servers.get(server) ?? others, policies.unlessMet);
    for (const one of asked) decided.set(one, outcomeOf(one, policies, inputOfCase(one.is, settings)));
  }
  const outcomes = cases.flatMap((one) => decided.get(one) ?? []);
  const faults = [...decided].filter(([, { passed }]) => !passed).map(([one, outcome]) => failureOf(one, outcome));
  return { outcomes, faults };
}

function outcomeOf(one: SourceCase, policies: CompiledPolicies, input: PolicyInput): CaseOutcome {
  const decision = evaluate(SLOT, policies, input);
  const outcome = callOutcome(decision, input);
  const deciding = decidingPolicies(decision);
  const { expect, by } = one.is;
  const asNamed =
    by === undefined || (by.length === 0 ? deciding.length === 0 : by.every((id) => deciding.includes(id)));
  // A denial because evaluation failed is nobody's intention.
  const passed = outcome === expect && asNamed && !decision.failed;
  const { file, line, key: name } = one;
  return { file, line, name, expected: expect, passed, outcome, policies: deciding, reason: decision.reason };
}

/** Names in cases that mean nothing here: a case with a typing error would pass for a wrong reason. */
export function nameFaults(cases: readonly SourceCase[], policies: CompiledPolicies, settings: Settings): Fault[] {
  const { servers, identity, networks } = settings;
  const providers = [...Object.keys(identity.providers), 'service'];
  return cases.flatMap((one) => [
    ...unknown(one, ['server'], 'server', one.is.server, Object.keys(servers)),
    ...one.is.as.groups.flatMap((group, index) =>
      unknown(one, ['as', 'groups', index], 'identity provider', qualifierOf(group) ?? group, providers),
    ),
    ...(one.is.as.network === undefined
      ? []
      : unknown(one, ['as', 'network'], 'network', one.is.as.network, Object.keys(networks))),
    ...(one.is.by ?? []).flatMap((id, index) =>
      unknown(one, ['by', index], 'policy', id, [
        ...Object.keys(policies.texts),
        ...Object.values(policies.misfits).flat(),
        ...BUILT_IN,
      ]),
    ),
  ]);
}

/** Ids that decisions name although no file holds them. */
const BUILT_IN = ['grant', 'break-glass', 'unreviewed'];

function unknown(
  one: SourceCase,
  path: readonly (string | number)[],
  what: string,
  name: string,
  known: readonly string[],
): Fault[] {
  if (known.includes(name)) return [];
  const nearest = nearestWord(name, known);
  const listed = known.length === 0 ? 'none' : known.slice(0, 20).join(', ');
  const message = `there is no ${what} ${JSON.stringify(name.slice(0, 100))}`;
  return [
    one.faultAt(path, { message, fix: nearest === undefined ? `known are: ${listed}` : `did you mean ${nearest}?` }),
  ];
}

/** A case that did not come out as expected. */
function failureOf(one: SourceCase, { outcome, policies, reason }: CaseOutcome): Fault {
  const { expect, by } = one.is;
  const decided = policies.length === 0 ? 'by no policy' : `by ${policies.join(', ')}`;
  const wanted = by === undefined ? expect : `${expect} by ${by.length === 0 ? 'no policy' : by.join(', ')}`;
  return one.faultAt([outcome === expect ? 'by' : 'expect'], {
    message: `expected ${wanted}, got ${outcome} ${decided}: ${reason}`,
    fix: 'correct the policy, or the case where the policy is right',
  });
}

import { policyToJson, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Fault } from '../config/settings.js';
import { readsOf } from './reads.js';
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
export function lintPolicies(policies: readonly SourcePolicy[]): Fault[] {
  const parsed = policies.flatMap((policy): Parsed[] => {
    const result = policyToJson(policy.text);
    return result.type === 'success' ? [{ policy, json: result.json }] : [];
  });
  const forbidden = forbiddenScopes(parsed);
  return parsed
    .filter(({ policy }) => policy.effect === 'permit')
    .flatMap(({ policy, json }) =>
      permitWarnings(policy, json, forbidden).map((warning) =>
        faultAt(policy.source, policy.start, { key: policy.key, ...warning }),
      ),
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

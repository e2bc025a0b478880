import { validate, type DetailedError, type SchemaJson, type ValidationError } from '@cedar-policy/cedar-wasm/nodejs';
import type { Fault } from '../config/settings.js';
import type { SourcePolicy } from './source/read-policies.js';
import { faultAt, indexOfByte } from './source/source-text.js';

/** Cedar's strict validation. What it only warns of (impossible policies, deceptive characters) is a fault too. */
export function validationFaults(policies: readonly SourcePolicy[], schema: SchemaJson<string>): Fault[] {
  // Keyed by place and not by id: ids may be missing or taken twice, which are faults of their own.
  const staticPolicies = Object.fromEntries(policies.map(({ text }, index) => [String(index), text]));
  const answer = validate({ schema, policies: { staticPolicies }, validationSettings: { mode: 'strict' } });
  if (answer.type === 'failure') return answer.errors.map(generalFault);
  const broken = new Set(answer.validationErrors.map(({ policyId }) => policyId));
  const findings = [...answer.validationErrors, ...firstOfEach(answer.validationWarnings, broken)];
  return [
    ...findings.flatMap(({ policyId, error }) => {
      const policy = policies[Number(policyId)];
      return policy === undefined ? [generalFault(error)] : [findingFault(policy, error)];
    }),
    ...answer.otherWarnings.map(generalFault),
  ];
}

/** An impossible policy is warned of several times over, and also where an error already says why. */
function firstOfEach(warnings: readonly ValidationError[], seen: Set<string>): ValidationError[] {
  return warnings.filter(({ policyId }) => {
    if (seen.has(policyId)) return false;
    seen.add(policyId);
    return true;
  });
}

function findingFault(policy: SourcePolicy, error: DetailedError): Fault {
  const byte = error.sourceLocations?.[0]?.start ?? 0;
  return faultAt(policy.source, policy.start + indexOfByte(policy.text, byte), { key: policy.key, ...wording(error) });
}

function generalFault(error: DetailedError): Fault {
  return { file: 'policies', line: 1, column: 1, key: '', ...wording(error) };
}

function wording(error: DetailedError): Pick<Fault, 'message' | 'fix'> {
  return { message: plain(error.message), fix: plain(error.help ?? 'correct the policy, or remove it') };
}

/** Cedar speaks of the policy by the key that we gave it. */
function plain(text: string): string {
  return text.replace(/^for policy `\d+`, /, '');
}

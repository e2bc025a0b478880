import { createHash } from 'node:crypto';
import { validate, type DetailedError, type SchemaJson, type ValidationError } from '@cedar-policy/cedar-wasm/nodejs';
import type { Fault } from '../config/settings.js';
import type { SourcePolicy } from './source/read-policies.js';
import { faultAt, indexOfByte } from './source/source-text.js';

/** Of one policy against one schema, SHA-256 of both: only what changed is validated again. */
const known = new Map<string, readonly DetailedError[]>();
const MAX_KNOWN = 20_000;

/** Cedar's strict validation. What it only warns of (impossible policies, deceptive characters) is a fault too. */
export function validationFaults(policies: readonly SourcePolicy[], schema: SchemaJson<string>): Fault[] {
  const version = sha256(JSON.stringify(schema));
  const keyed = policies.map((policy) => ({ policy, key: sha256(version + policy.text) }));
  const fresh = keyed.filter(({ key }) => !known.has(key));
  const { findings, general } = validateEach(
    fresh.map(({ policy }) => policy.text),
    schema,
  );
  const found = new Map(fresh.map(({ key }, index) => [key, findings.get(String(index)) ?? []]));
  const faults = keyed.flatMap(({ policy, key }) =>
    (found.get(key) ?? known.get(key) ?? []).map((error) => findingFault(policy, error)),
  );
  if (general.length > 0) return [...faults, ...general.map(generalFault)];
  if (known.size + found.size > MAX_KNOWN) known.clear();
  if (found.size <= MAX_KNOWN) for (const [key, errors] of found) known.set(key, errors);
  return faults;
}

/** By index of the text; Cedar judges each policy by itself. `general` is about none in particular. */
function validateEach(
  texts: readonly string[],
  schema: SchemaJson<string>,
): { readonly findings: ReadonlyMap<string, readonly DetailedError[]>; readonly general: readonly DetailedError[] } {
  if (texts.length === 0) return { findings: new Map(), general: [] };
  // Keyed by place and not by id: ids may be missing or taken twice, which are faults of their own.
  const staticPolicies = Object.fromEntries(texts.map((text, index) => [String(index), text]));
  const answer = validate({ schema, policies: { staticPolicies }, validationSettings: { mode: 'strict' } });
  if (answer.type === 'failure') return { findings: new Map(), general: answer.errors };
  const broken = new Set(answer.validationErrors.map(({ policyId }) => policyId));
  const all = [...answer.validationErrors, ...firstOfEach(answer.validationWarnings, broken)];
  const byPolicy = Map.groupBy(all, ({ policyId }) => policyId);
  return {
    findings: new Map([...byPolicy].map(([id, found]) => [id, found.map(({ error }) => error)])),
    general: answer.otherWarnings,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
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

import type { CallOutcome } from '#shared/api/policies.js';
import type { PolicyFile } from '../../config/settings.js';
import { callOutcome, decidingPolicies } from '../call-outcome.js';
import type { Decision, PolicyInput } from '../decision.js';
import { evaluate, loadPolicies, type CompiledPolicies } from '../evaluate/evaluate.js';
import { readInput } from '../recorded-input.js';
import { sliceByServer } from '../slices.js';
import { readPolicies } from '../source/read-policies.js';
import { faultAt } from '../source/source-text.js';
import { nearestPermits, type NearPermit } from './nearest-permits.js';

/** One policy as it was written. */
interface ShownPolicy {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Why a call is decided as it is. */
export interface Explanation {
  /** SHA-256 (hex) of the policies that it is explained by. */
  readonly revision: string;
  readonly outcome: CallOutcome;
  /** What the person is told. */
  readonly reason: string;
  /** Ids of all that have a part in it, also of those that no file holds (`grant`, `unreviewed`). */
  readonly policies: readonly string[];
  readonly shown: readonly ShownPolicy[];
  readonly stepUp: Decision['stepUp'];
  readonly approval: Decision['approval'];
  readonly input: PolicyInput;
  /** Where no policy decides: those that come nearest to permitting it. */
  readonly nearest: readonly (NearPermit & { readonly policy: ShownPolicy })[];
}

const SLOT = 'explain';

interface Source {
  readonly files: readonly PolicyFile[];
  readonly policies: CompiledPolicies;
}

/** Explains a call, as `recordInput` writes it, by these policies; undefined for any other text. */
export function explain({ files, policies }: Source, call: string): Explanation | undefined {
  const read = readInput(call);
  if (read === undefined) return undefined;
  const { input } = read;
  const { servers, others } = sliceByServer(policies.texts);
  const slice = servers.get(input.server) ?? others;
  loadPolicies(SLOT, slice, policies.unlessMet);
  const readings = [input, ...read.readings.map((name) => readAs(input, name))];
  const decide = read.unjudged ? () => unjudged(policies) : (reading: PolicyInput) => evaluate(SLOT, policies, reading);
  const decided = readings.map((reading) => ({ reading, decision: decide(reading) }));
  const { reading, decision } = decided.find((one) => one.decision.outcome === 'deny') ?? decided[0]!;
  const ids = decidingPolicies(decision);
  const written = new Map(files.filter(isCedar).flatMap(shownPolicies));
  const show = (id: string): ShownPolicy[] => written.get(id) ?? [];
  const isDefault = decision.outcome === 'deny' && decision.held === undefined && ids.length === 0;
  const nearest = isDefault ? nearestPermits(slice, policies, reading) : [];
  return {
    revision: policies.revision,
    outcome: callOutcome(decision, reading),
    reason: decision.reason,
    policies: ids,
    shown: ids.flatMap(show),
    stepUp: decision.stepUp,
    approval: decision.approval,
    input: reading,
    nearest: nearest.flatMap(({ id, unless, sentence }) =>
      show(id).map((policy) => ({ id, unless, sentence, policy })),
    ),
  };
}

/** What was recorded does not tell why: only the sentence of then does. */
function unjudged({ revision }: CompiledPolicies): Decision {
  const reason = 'The call was refused before its arguments were judged.';
  return { outcome: 'deny', policies: [], reason, revision, failed: false, held: true };
}

function readAs(input: PolicyInput, name: string): PolicyInput {
  return { ...input, target: { ...input.target, name } };
}

function isCedar({ file }: PolicyFile): boolean {
  return file.endsWith('.cedar');
}

function shownPolicies(file: PolicyFile): [string, ShownPolicy[]][] {
  return readPolicies(file).policies.map(({ key, effect, text, start }) => {
    const { line } = faultAt(file, start, { key, message: '', fix: '' });
    return [key, [{ id: key, effect, file: file.file, line, text }]];
  });
}

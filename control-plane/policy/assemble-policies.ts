import { approversOf, isLocked } from './approval-annotations.js';
import { readArgumentsOf, inputSchemaOf, type ReadArguments } from './arguments/read-arguments.js';
import type { Reader } from './check-arguments.js';
import type { KnownDefinitions } from './definitions/known-definitions.js';
import type { CompiledPolicies } from './evaluate/evaluate.js';
import type { SourcePolicy } from './source/read-policies.js';
import { stepUpOf } from './step-up-annotations.js';

type Assembled = Pick<CompiledPolicies, 'texts' | 'reasons' | 'stepUps' | 'approvals' | 'unlessMet' | 'locked'>;

/** Policies without faults as plain data, by id. */
export function assemblePolicies(policies: readonly SourcePolicy[]): Assembled {
  const byId = <T>(part: (policy: SourcePolicy) => T | undefined): Record<string, T> =>
    Object.fromEntries(
      policies.flatMap((policy) => {
        const value = part(policy);
        return value === undefined ? [] : [[policy.key, value] as const];
      }),
    );
  const [stepUps, approvals] = [byId(stepUpOf), byId(approversOf)];
  const forbids = policies.filter(({ effect }) => effect === 'forbid');
  const demands = ({ key }: SourcePolicy) => Object.hasOwn(stepUps, key) || Object.hasOwn(approvals, key);
  return {
    texts: byId(({ text }) => text),
    reasons: byId(({ annotations }) => annotations['reason'] ?? ''),
    stepUps,
    approvals,
    unlessMet: forbids.filter(demands).map(({ key }) => key),
    locked: forbids.filter(isLocked).map(({ key }) => key),
  };
}

/** What all of the policies together read of each tool. */
export function assembleArguments(
  readers: readonly Reader[],
  known: KnownDefinitions,
): Pick<CompiledPolicies, 'readArguments'> {
  const tools = new Set(readers.flatMap((reader) => reader.tools));
  const read = [...tools].map((id): [string, ReadArguments] => {
    const reads = readers.filter((reader) => reader.tools.includes(id)).map((reader) => reader.reads);
    const args = new Set(reads.flatMap((one) => Array.from(one.args)));
    const paths = new Set(reads.flatMap((one) => Array.from(one.paths)));
    return [id, readArgumentsOf(inputSchemaOf(known, id) ?? {}, { args, paths })];
  });
  return { readArguments: Object.fromEntries(read) };
}

/** Ids of the policies that do not fit a tool, by the id of its action. */
export function misfitsByTool(unfit: readonly Reader[]): CompiledPolicies['misfits'] {
  const pairs = unfit.flatMap(({ tools, policy }) => tools.map((tool) => ({ tool, id: policy.key })));
  const byTool = Map.groupBy(pairs, ({ tool }) => tool);
  return Object.fromEntries([...byTool].map(([tool, found]) => [tool, found.map(({ id }) => id).toSorted()]));
}

import { isDeepStrictEqual } from 'node:util';
import { inputSchemaOf } from './arguments/read-arguments.js';
import type { KnownDefinitions } from './definitions/known-definitions.js';
import type { CompiledPolicies } from './evaluate/evaluate.js';

/** Ids of the tools whose arguments policies read and whose definition is another now: the policies are checked anew. */
export function changedTools(
  { readArguments, misfits }: Pick<CompiledPolicies, 'readArguments' | 'misfits'>,
  before: KnownDefinitions,
  after: KnownDefinitions,
): ReadonlySet<string> {
  const tools = [...Object.keys(readArguments), ...Object.keys(misfits)];
  return new Set(tools.filter((id) => !isDeepStrictEqual(inputSchemaOf(before, id), inputSchemaOf(after, id))));
}

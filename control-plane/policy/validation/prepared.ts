import type { Compilation } from '../compile.js';
import { traitsOf, type PolicyTraits } from '../policy-traits.js';

/** A compilation, with what else is found of its policies once. */
export interface Prepared extends Compilation {
  /** By id. */
  readonly traits: Readonly<Record<string, PolicyTraits>>;
}

export function prepared(compilation: Compilation): Prepared {
  return { ...compilation, traits: traitsOf(compilation.policies.texts) };
}

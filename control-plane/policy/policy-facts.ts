import type { GrantUse, PolicyTarget } from './decision.js';

/** What changes between two revisions and policies can read. Answers come from memory; whoever keeps them follows the database. */
export abstract class PolicyFacts {
  /** False while a definition of the tool waits for a reviewer, or the one seen last was refused. */
  abstract isReviewed(server: string, tool: string): boolean;
  /** A grant of the person, live at `now` (epoch milliseconds), that covers the target. */
  abstract grantFor(
    person: string,
    server: string,
    target: Pick<PolicyTarget, 'kind' | 'name'>,
    now: number,
  ): GrantUse | undefined;
}

/** Before anything of it is known. */
export const NO_FACTS: PolicyFacts = { isReviewed: () => true, grantFor: () => undefined };

import type { GrantUse, PolicyTarget } from './decision.js';
import type { DefinitionsService } from './definitions/definitions.service.js';
import type { LiveGrants } from './grants/live-grants.js';
import { PolicyFacts } from './policy-facts.js';

/** What is known at this moment, from memory. */
export class CurrentFacts extends PolicyFacts {
  constructor(
    private readonly definitions: Pick<DefinitionsService, 'isReviewed'>,
    private readonly grants: Pick<LiveGrants, 'grantFor'>,
  ) {
    super();
  }

  isReviewed(server: string, tool: string): boolean {
    return this.definitions.isReviewed(server, tool);
  }

  grantFor(
    person: string,
    server: string,
    target: Pick<PolicyTarget, 'kind' | 'name'>,
    now: number,
  ): GrantUse | undefined {
    return this.grants.grantFor(person, server, target, now);
  }
}

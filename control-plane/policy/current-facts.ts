import { Inject, Injectable } from '@nestjs/common';
import type { GrantUse } from './decision.js';
import { DefinitionsService } from './definitions/definitions.service.js';
import { GrantFacts, PolicyFacts } from './policy-facts.js';

/** What policies can read between two revisions: reviews and grants, each from the service that follows it. */
@Injectable()
export class CurrentFacts extends PolicyFacts {
  constructor(
    @Inject(DefinitionsService) private readonly definitions: DefinitionsService,
    @Inject(GrantFacts) private readonly grants: GrantFacts,
  ) {
    super();
  }

  isReviewed(server: string, tool: string): boolean {
    return this.definitions.isReviewed(server, tool);
  }

  grantFor(...of: Parameters<GrantFacts['grantFor']>): GrantUse | undefined {
    return this.grants.grantFor(...of);
  }
}

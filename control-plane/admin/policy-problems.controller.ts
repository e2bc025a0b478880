import { Controller, Get, Inject, Query } from '@nestjs/common';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { policyProblemsSchema, type PolicyProblems } from '#shared/api/reviews.js';
import { faultText } from '../config/fault-text.js';
import { Requires } from '../identity/access/requires.decorator.js';
import { PolicyService } from '../policy/policy.service.js';
import { Describe } from './openapi/describe.decorator.js';
import { refuseQuery } from './refuse-query.js';

/** Policies in force that no longer fit what the servers offer, as this replica knows it. */
@Controller()
export class PolicyProblemsController {
  constructor(@Inject(PolicyService) private readonly policy: PolicyService) {}

  @Get(`${PATHS.policies}/problems`)
  @Requires({ scope: SCOPES.policiesRead, roles: ['owner', 'author', 'admin', 'approver'] })
  @Describe({
    id: 'listPolicyProblems',
    summary: 'List policies in force that no longer fit the definitions of the tools whose arguments they read.',
    answer: policyProblemsSchema,
  })
  problems(@Query() query: unknown): PolicyProblems {
    refuseQuery(query);
    return { problems: this.policy.problems.map(faultText) };
  }
}

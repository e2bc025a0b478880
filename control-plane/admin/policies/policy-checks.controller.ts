import { Body, Controller, HttpCode, Inject, Post, Query } from '@nestjs/common';
import type { PolicyText } from '#shared/api/catalog.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import {
  policyCheckSchema,
  policyTestRequestSchema,
  policyTestSchema,
  policyTextsSchema,
  type CaseResult,
  type PolicyCheck,
  type PolicyTest,
} from '#shared/api/policies.js';
import { CodedError } from '#shared/errors.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig, PolicyFile } from '../../config/settings.js';
import { Requires } from '../../identity/access/requires.decorator.js';
import { DefinitionsService } from '../../policy/definitions/definitions.service.js';
import { judgePolicies, type PolicyVerdict } from '../../policy/judge-policies.js';
import type { CaseOutcome } from '../../policy/tests/run-cases.js';
import { servedChecks } from '../../policy/validation/served-checks.js';
import { Describe } from '../openapi/describe.decorator.js';
import { readParameters } from '../read-parameters.js';
import { refuseQuery } from '../refuse-query.js';
import { activeSettings } from './active-settings.js';
import { READERS } from './policy-roles.js';

/** Far fewer than may wait for the thread: what is in force, and what is published, always finds a place. */
const AT_ONCE = 4;

/** Policies that somebody writes, judged beside the servers in force; nothing becomes active. */
@Controller()
export class PolicyChecksController {
  #underWay = 0;

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(DefinitionsService) private readonly definitions: DefinitionsService,
  ) {}

  @Post(`${PATHS.policies}/check`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.policiesRead, roles: READERS, reads: true })
  @Describe({
    id: 'checkPolicies',
    summary: 'Name every fault of policies, and every test of theirs that fails.',
    body: policyTextsSchema,
    answer: policyCheckSchema,
  })
  async check(@Body() body: unknown, @Query() query: unknown): Promise<PolicyCheck> {
    refuseQuery(query);
    const { policies } = readParameters(policyTextsSchema, body);
    const { faults, warnings, policies: compiled, outcomes } = await this.#judge(policies);
    return {
      faults: [...faults],
      warnings: [...warnings],
      policies: Object.keys(compiled.texts).length,
      cases: outcomes.length,
    };
  }

  @Post(`${PATHS.policies}/test`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.policiesRead, roles: READERS, reads: true })
  @Describe({
    id: 'testPolicies',
    summary: 'Run the tests of policies and say what came of each; without policies, those in force.',
    body: policyTestRequestSchema,
    answer: policyTestSchema,
  })
  async test(@Body() body: unknown, @Query() query: unknown): Promise<PolicyTest> {
    refuseQuery(query);
    const { policies } = readParameters(policyTestRequestSchema, body);
    const { faults, outcomes } = await this.#judge(policies ?? this.catalog.current().policyFiles);
    return { faults: outcomes.length === 0 ? [...faults] : [], results: outcomes.map(resultOf) };
  }

  async #judge(policies: readonly (PolicyText | PolicyFile)[]): Promise<PolicyVerdict> {
    const settings = activeSettings(this.config, this.catalog);
    if (this.#underWay >= AT_ONCE) {
      throw new CodedError('rate_limited', { message: 'Other policies are being checked. Try again in a moment.' });
    }
    this.#underWay += 1;
    try {
      return await judgePolicies(policies, settings, settings, servedChecks(this.definitions));
    } finally {
      this.#underWay -= 1;
    }
  }
}

function resultOf({ policies, ...outcome }: CaseOutcome): CaseResult {
  return { ...outcome, policies: [...policies] };
}

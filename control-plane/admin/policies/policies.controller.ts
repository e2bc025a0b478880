import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import {
  activePoliciesSchema,
  policyDiffRequestSchema,
  policyDiffSchema,
  type ListedPolicy,
  type PolicyDiff,
} from '#shared/api/policies.js';
import { CodedError } from '#shared/errors.js';
import type { z } from 'zod';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { CatalogChanges } from '../../catalog/catalog-changes.js';
import { faultText } from '../../config/fault-text.js';
import { Requires } from '../../identity/access/requires.decorator.js';
import { comparePolicies, type PolicyComparison } from '../../policy/compare-policies.js';
import { describePolicy, type PolicySummary } from '../../policy/describe-policy.js';
import { PolicyService } from '../../policy/policy.service.js';
import { readPolicies } from '../../policy/source/read-policies.js';
import { Describe } from '../openapi/describe.decorator.js';
import { readParameters } from '../read-parameters.js';
import { refuseQuery } from '../refuse-query.js';
import { READERS } from './policy-roles.js';

/** The policies in force, and what is different in others. */
@Controller()
export class PoliciesController {
  constructor(
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(CatalogChanges) private readonly changes: CatalogChanges,
    @Inject(PolicyService) private readonly policy: PolicyService,
  ) {}

  @Get(PATHS.policies)
  @Requires({ scope: SCOPES.policiesRead, roles: READERS })
  @Describe({ id: 'readPolicies', summary: 'The policies in force, with their texts.', answer: activePoliciesSchema })
  read(@Query() query: unknown): z.output<typeof activePoliciesSchema> {
    refuseQuery(query);
    const { number, policyFiles } = this.catalog.current();
    const policies = policyFiles
      .filter(({ file }) => file.endsWith('.cedar'))
      .flatMap((file) => readPolicies(file).policies);
    return {
      revision: number,
      policyRevision: this.policy.revision,
      policies: policies.map((policy) => listed(describePolicy(policy))),
      files: policyFiles.map(({ file, text }) => ({ file, text })),
    };
  }

  @Post(`${PATHS.policies}/diff`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.policiesRead, roles: READERS, reads: true })
  @Describe({
    id: 'comparePolicies',
    summary: 'What is different in policies against those in force, or between two revisions.',
    body: policyDiffRequestSchema,
    answer: policyDiffSchema,
  })
  async diff(@Body() body: unknown, @Query() query: unknown): Promise<PolicyDiff> {
    refuseQuery(query);
    const { from, to, policies } = readParameters(policyDiffRequestSchema, body);
    const active = this.catalog.current();
    const earlier = from === undefined ? active : await this.changes.revision(from);
    const later = to === undefined ? active : await this.changes.revision(to);
    const comparison = comparePolicies(earlier.policyFiles, policies ?? later.policyFiles);
    if (comparison.faults.length > 0) {
      throw new CodedError('catalog_refused', { message: comparison.faults.map(faultText).join('\n') });
    }
    return { from: earlier.number, to: policies === undefined ? later.number : null, ...answerOf(comparison) };
  }
}

function answerOf({ policies, files }: PolicyComparison): Omit<PolicyDiff, 'from' | 'to'> {
  const concerned = policies.map(({ policy }) => policy);
  return {
    policies: policies.map(({ policy, ...change }) => ({ ...change, policy: listed(policy) })),
    files: files.map((file) => ({ ...file })),
    servers: named(concerned.flatMap(({ servers }) => servers)),
    principals: named(concerned.flatMap(({ principals }) => principals)),
    everyServer: concerned.some(({ servers }) => servers.length === 0),
    everybody: concerned.some(({ principals }) => principals.length === 0),
  };
}

function named(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted();
}

export function listed({ servers, principals, ...policy }: PolicySummary): ListedPolicy {
  return { ...policy, servers: [...servers], principals: [...principals] };
}

import { Controller, Get, Inject, Query } from '@nestjs/common';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { z } from 'zod';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { Requires } from '../../identity/access/requires.decorator.js';
import { issuerOf } from '../../identity/resources.js';
import { ApprovalsController } from '../approvals.controller.js';
import { AuditSessionsController } from '../audit-sessions.controller.js';
import { AuditController } from '../audit.controller.js';
import { AuditReportsController } from '../audit-reports.controller.js';
import { AuditProofsController } from '../audit-proofs.controller.js';
import { CatalogController } from '../catalog.controller.js';
import { ConnectionsController } from '../connections.controller.js';
import { ErasureController } from '../erasure/erasure.controller.js';
import { ExportsController } from '../exports.controller.js';
import { GrantRequestsController } from '../grant-requests.controller.js';
import { GrantsController } from '../grants.controller.js';
import { HoldsController } from '../holds/holds.controller.js';
import { MeController } from '../me/me.controller.js';
import { PoliciesController } from '../policies/policies.controller.js';
import { PolicyChecksController } from '../policies/policy-checks.controller.js';
import { PolicyDraftsController } from '../policies/policy-drafts.controller.js';
import { PolicyCandidateController } from '../policy-candidate.controller.js';
import { PolicyExplainController } from '../policy-explain.controller.js';
import { PolicyReplayController } from '../policy-replay.controller.js';
import { refuseQuery } from '../refuse-query.js';
import { PolicyProblemsController } from '../policy-problems.controller.js';
import { ReviewsController } from '../reviews.controller.js';
import { ServersController } from '../servers.controller.js';
import { SessionsController } from '../sessions.controller.js';
import { UsersController } from '../users.controller.js';
import { Describe } from './describe.decorator.js';
import { openApiDocument } from './document.js';
import { operationsOf } from './operations.js';

/** The version of the API, which its paths carry too. */
const VERSION = '1';

/** The API's own description. Like everything here it takes a token of the API, but no role. */
@Controller()
class OpenApiController {
  constructor(@Inject(CONFIG) private readonly config: LoadedConfig) {}

  @Get(PATHS.openapi)
  @Requires({ scope: SCOPES.self })
  @Describe({
    id: 'describeApi',
    summary: 'This document.',
    answer: z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
  })
  describe(@Query() query: unknown): object {
    refuseQuery(query);
    return openApiDocument(operationsOf(ADMIN_CONTROLLERS), issuerOf(this.config.settings.publicUrl), VERSION);
  }
}

/** All of the admin API: what is registered and what is documented are one list. */
export const ADMIN_CONTROLLERS = [
  AuditController,
  AuditReportsController,
  AuditProofsController,
  AuditSessionsController,
  CatalogController,
  SessionsController,
  MeController,
  UsersController,
  ErasureController,
  HoldsController,
  ServersController,
  ExportsController,
  ConnectionsController,
  GrantRequestsController,
  GrantsController,
  PoliciesController,
  PolicyChecksController,
  PolicyDraftsController,
  PolicyReplayController,
  PolicyExplainController,
  PolicyCandidateController,
  ApprovalsController,
  PolicyProblemsController,
  ReviewsController,
  OpenApiController,
];

import { Controller, Get, Inject, Ip, Query } from '@nestjs/common';
import {
  accessReportSchema,
  accessReviewQuerySchema,
  accessReviewSchema,
  callReportQuerySchema,
  comparisonQuerySchema,
  comparisonReportSchema,
  denialsQuerySchema,
  denialsReportSchema,
  exposureReportSchema,
  unusedQuerySchema,
  unusedReportSchema,
  type AccessReport,
  type AccessReview,
  type ComparisonReport,
  type DenialsReport,
  type ExposureReport,
  type UnusedReport,
} from '#shared/api/audit-reports.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AuditReports } from '../audit/reports/audit-reports.service.js';
import { AuditService } from '../audit/audit.service.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import type { Role } from '../config/settings.js';
import { CurrentCaller, CurrentReach } from '../identity/access/current-caller.decorator.js';
import { Requires, type Reach } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { rolesOf } from '../identity/roles.js';
import { effectOf } from '../policy/effects.js';
import { readPolicies } from '../policy/source/read-policies.js';
import { auditRead, judgeAuditRead } from './audit-read.js';
import { Describe } from './openapi/describe.decorator.js';
import { readParameters } from './read-parameters.js';
import { refuseStranger } from './server-owners.js';

/** Reports hold no payload, so those who run servers read them too. What apps claim of themselves is for auditors. */
const READERS = ['auditor', 'owner', 'admin'] as const satisfies readonly Role[];
const DAY = 86_400_000;

/** Many calls at once; every read is a record of its own before it is answered. */
@Controller()
export class AuditReportsController {
  constructor(
    @Inject(AuditReports) private readonly reports: AuditReports,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  @Get(`${PATHS.auditReports}/access`)
  @Requires({ scope: SCOPES.auditRead, roles: READERS })
  @Describe({
    id: 'reportAccess',
    summary: 'Who reaches which server through which app.',
    query: callReportQuerySchema,
    answer: accessReportSchema,
  })
  async access(@Query() raw: unknown, @CurrentCaller() caller: Caller, @Ip() address: string): Promise<AccessReport> {
    const query = readParameters(callReportQuerySchema, raw);
    await this.#record(caller, address, 'access', query);
    return this.reports.access(query, this.#view(caller));
  }

  @Get(`${PATHS.auditReports}/exposure`)
  @Requires({ scope: SCOPES.auditRead, roles: READERS })
  @Describe({
    id: 'reportExposure',
    summary: 'Which groups reach which tools.',
    query: callReportQuerySchema,
    answer: exposureReportSchema,
  })
  async exposure(
    @Query() raw: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ExposureReport> {
    const query = readParameters(callReportQuerySchema, raw);
    await this.#record(caller, address, 'exposure', query);
    return this.reports.exposure(query, this.#view(caller), (server, tool) => this.#effect(server, tool));
  }

  @Get(`${PATHS.auditReports}/comparison`)
  @Requires({ scope: SCOPES.auditRead, roles: READERS })
  @Describe({
    id: 'reportComparison',
    summary: 'What both of two groups reach, and what one of them alone.',
    query: comparisonQuerySchema,
    answer: comparisonReportSchema,
  })
  async comparison(
    @Query() raw: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ComparisonReport> {
    const query = readParameters(comparisonQuerySchema, raw);
    await this.#record(caller, address, 'comparison', query);
    return this.reports.comparison(query, (server, tool) => this.#effect(server, tool));
  }

  @Get(`${PATHS.auditReports}/denials`)
  @Requires({ scope: SCOPES.auditRead, roles: READERS })
  @Describe({
    id: 'reportDenials',
    summary: 'What was denied, to whom and by which policy, the most frequent first.',
    query: denialsQuerySchema,
    answer: denialsReportSchema,
  })
  async denials(@Query() raw: unknown, @CurrentCaller() caller: Caller, @Ip() address: string): Promise<DenialsReport> {
    const query = readParameters(denialsQuerySchema, raw);
    await this.#record(caller, address, 'denials', query);
    return this.reports.denials(query, this.#view(caller));
  }

  @Get(`${PATHS.auditReports}/unused-grants`)
  @Requires({ scope: SCOPES.auditRead, roles: READERS })
  @Describe({
    id: 'reportUnusedGrants',
    summary: 'Grants, approvals, connections and policies that no call has made use of for some days.',
    query: unusedQuerySchema,
    answer: unusedReportSchema,
  })
  async unused(@Query() raw: unknown, @CurrentCaller() caller: Caller, @Ip() address: string): Promise<UnusedReport> {
    const { days } = readParameters(unusedQuerySchema, raw);
    await this.#record(caller, address, 'unused-grants', { days });
    const now = Date.now();
    return this.reports.unused(now - days * DAY, now, this.#permits());
  }

  @Get(`${PATHS.auditReports}/review`)
  @Requires({ scope: SCOPES.auditRead, roles: READERS, own: true })
  @Describe({
    id: 'reportAccessReview',
    summary: 'Who has access to one server; also for its owners by `servers.*.owners`, without any role.',
    query: accessReviewQuerySchema,
    answer: accessReviewSchema,
  })
  async review(
    @Query() raw: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
    @Ip() address: string,
  ): Promise<AccessReview> {
    const query = readParameters(accessReviewQuerySchema, raw);
    const read = { actor: { caller, address }, filters: { report: 'review', ...query } };
    await judgeAuditRead(this.audit, read, () => {
      if (reach === 'own') refuseStranger(this.catalog.current().servers, query.server, caller);
    });
    await this.#record(caller, address, 'review', query);
    return this.reports.review(query, Date.now());
  }

  async #record(caller: Caller, address: string, report: string, filters: object): Promise<void> {
    await this.audit.write(auditRead({ caller, address }, { report, ...filters }));
  }

  #view({ session }: Caller): { readonly claims: boolean } {
    return { claims: rolesOf(session, this.catalog.current().roles).includes('auditor') };
  }

  #effect(server: string, tool: string): 'read' | 'write' | 'destroy' {
    return effectOf({ servers: this.catalog.latest.servers }, server, tool);
  }

  #permits(): string[] {
    const files = this.catalog.latest.policyFiles.filter(({ file }) => file.endsWith('.cedar'));
    const policies = files.flatMap((file) => readPolicies(file).policies);
    return policies.filter(({ effect }) => effect === 'permit').map(({ key }) => key);
  }
}

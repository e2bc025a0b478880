import { Controller, Get, Inject, Ip, Param, Query } from '@nestjs/common';
import { auditSessionParametersSchema, auditSessionSchema, type AuditSession } from '#shared/api/audit-session.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AuditService } from '../audit/audit.service.js';
import { CurrentCaller, CurrentReach } from '../identity/access/current-caller.decorator.js';
import { Requires, type Reach } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { auditRead } from './audit-read.js';
import { Describe } from './openapi/describe.decorator.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';

/** Which agents made which calls; every read is a record of its own before it is answered. */
@Controller()
export class AuditSessionsController {
  constructor(@Inject(AuditService) private readonly audit: AuditService) {}

  /** What apps say of their agents is personal, so this is for auditors, and for the person whose calls they are. */
  @Get(`${PATHS.auditSessions}/:id`)
  @Requires({ scope: SCOPES.auditRead, roles: ['auditor'], own: true })
  @Describe({
    id: 'readAuditSession',
    summary: 'The calls of one session or trace with the agents behind them. Everyone reads their own.',
    path: auditSessionParametersSchema,
    answer: auditSessionSchema,
  })
  async show(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
    @Ip() address: string,
  ): Promise<AuditSession> {
    refuseQuery(query);
    const { id } = readParameters(auditSessionParametersSchema, parameters);
    await this.audit.write(auditRead({ caller, address }, { session: id }));
    return this.audit.session(id, reach === 'own' ? caller.session.person.id : undefined);
  }
}

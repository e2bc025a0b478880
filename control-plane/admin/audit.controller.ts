import { Controller, Get, Inject, Ip, Query } from '@nestjs/common';
import { auditQuerySchema, type AuditLog, type AuditPage } from '#shared/api/audit.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { CurrentCaller } from '../identity/access/current-caller.decorator.js';
import { Requires } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { rolesOf } from '../identity/roles.js';
import { auditRead } from './audit-read.js';
import { readQuery } from './read-query.js';

const logQuerySchema = z.strictObject({
  /** Index of the first header. */
  from: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
});

/** Reading the audit; every read is a record of its own before it is answered. */
@Controller()
@Requires({ scope: SCOPES.auditRead, roles: ['auditor', 'owner'] })
export class AuditController {
  constructor(
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: LoadedConfig,
  ) {}

  @Get(PATHS.audit)
  async search(@Query() raw: unknown, @CurrentCaller() caller: Caller, @Ip() address: string): Promise<AuditPage> {
    const query = readQuery(auditQuerySchema, raw);
    await this.audit.write(auditRead(caller, address, query));
    const roles = rolesOf(caller.session.groups, this.config.settings.roles);
    return this.audit.search(query, { payloads: roles.includes('auditor') });
  }

  @Get(PATHS.auditLog)
  async log(@Query() raw: unknown, @CurrentCaller() caller: Caller, @Ip() address: string): Promise<AuditLog> {
    const { from } = readQuery(logQuerySchema, raw);
    await this.audit.write(auditRead(caller, address, { log: { from } }));
    return this.audit.log(from);
  }
}

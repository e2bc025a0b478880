import { Controller, Get, Inject, Ip, Param, Query } from '@nestjs/common';
import {
  auditLogQuerySchema,
  auditLogSchema,
  auditPageSchema,
  auditQuerySchema,
  type AuditLog,
  type AuditPage,
} from '#shared/api/audit.js';
import { auditRecordParametersSchema, auditRecordsSchema, type AuditRecords } from '#shared/api/audit-record.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { CurrentCaller, CurrentReach } from '../identity/access/current-caller.decorator.js';
import { Requires, type Reach } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { rolesOf } from '../identity/roles.js';
import { auditRead, judgeAuditRead } from './audit-read.js';
import { Describe } from './openapi/describe.decorator.js';
import { personFilter } from './person-filter.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';
import { TextSearches } from './text-searches.js';

/** Reading the audit; every read is a record of its own before it is answered. */
@Controller()
export class AuditController {
  readonly #textSearches = new TextSearches();

  constructor(
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  /** The personal part of records is for auditors, and for the person whom it is about. */
  @Get(PATHS.audit)
  @Requires({ scope: SCOPES.auditRead, roles: ['auditor', 'owner'], own: true })
  @Describe({
    id: 'searchAudit',
    summary: 'Search the audit log. With `user=me` everyone reads their own records.',
    query: auditQuerySchema,
    answer: auditPageSchema,
  })
  async search(
    @Query() raw: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
    @Ip() address: string,
  ): Promise<AuditPage> {
    const asked = readParameters(auditQuerySchema, raw);
    const read = { actor: { caller, address }, filters: asked };
    const filter = await judgeAuditRead(this.audit, read, () => personFilter(asked.user, caller, reach));
    using _search = asked.text === undefined ? undefined : this.#textSearches.begin(caller.session.person.id);
    await this.audit.write(auditRead(read.actor, asked));
    if (filter.kind !== 'one') return await this.audit.search(asked, { payloads: this.#seesPayloads(caller) });
    const { user: _self, ...query } = asked;
    return await this.audit.search(query, { payloads: true, person: filter.id });
  }

  /** A person sees of their own call what they see by searching; what was captured of it is for auditors. */
  @Get(`${PATHS.audit}/:id`)
  @Requires({ scope: SCOPES.auditRead, roles: ['auditor', 'owner'], own: true })
  @Describe({
    id: 'readAuditRecord',
    summary:
      'Everything of one record, and of what belongs to it. Everyone reads their own, without what was captured.',
    path: auditRecordParametersSchema,
    answer: auditRecordsSchema,
  })
  async show(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
    @Ip() address: string,
  ): Promise<AuditRecords> {
    refuseQuery(query);
    const { id } = readParameters(auditRecordParametersSchema, parameters);
    await this.audit.write(auditRead({ caller, address }, { show: { id } }));
    const view =
      reach === 'own' ? { payloads: true, person: caller.session.person.id } : { payloads: this.#seesPayloads(caller) };
    const shown = await this.audit.show(id, view);
    if (shown) return shown;
    throw new CodedError('not_found', { message: 'There is no such record. Search the audit log to see its ids.' });
  }

  @Get(PATHS.auditLog)
  @Requires({ scope: SCOPES.auditRead, roles: ['auditor', 'owner'] })
  @Describe({
    id: 'readAuditLog',
    summary: 'Read the log itself, to check it offline: canonical record headers and the signed checkpoint.',
    query: auditLogQuerySchema,
    answer: auditLogSchema,
  })
  async log(@Query() raw: unknown, @CurrentCaller() caller: Caller, @Ip() address: string): Promise<AuditLog> {
    const { from, payloads } = readParameters(auditLogQuerySchema, raw);
    const isShown = payloads === 'shown';
    const read = { actor: { caller, address }, filters: { log: { from, payloads } } };
    await judgeAuditRead(this.audit, read, () => {
      if (isShown && !this.#seesPayloads(caller)) throw forAuditorsOnly();
    });
    await this.audit.write(auditRead(read.actor, read.filters));
    return this.audit.log(from, { payloads: isShown });
  }

  #seesPayloads({ session }: Caller): boolean {
    return rolesOf(session, this.catalog.current().roles).includes('auditor');
  }
}

function forAuditorsOnly(): CodedError {
  return new CodedError('role_missing', {
    message: 'Only an auditor sees the personal part of records. Leave out the payloads (--payloads) for the rest.',
  });
}

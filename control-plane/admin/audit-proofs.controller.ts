import { Controller, Get, Inject, Ip, Param, Query } from '@nestjs/common';
import {
  auditCheckpointSchema,
  auditConsistencyQuerySchema,
  auditConsistencySchema,
  auditReceiptParametersSchema,
  type AuditCheckpoint,
  type AuditConsistency,
} from '#shared/api/audit-proofs.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { receiptSchema, type Receipt } from '#shared/audit-log/receipt.js';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import { LogProofs } from '../audit/tree/log-proofs.service.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { CurrentCaller } from '../identity/access/current-caller.decorator.js';
import { Requires } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { rolesOf } from '../identity/roles.js';
import { auditRead } from './audit-read.js';
import { Describe } from './openapi/describe.decorator.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';

/** What somebody takes away from the log to check it elsewhere; like every read it is a record before it is answered. */
@Controller()
export class AuditProofsController {
  constructor(
    @Inject(LogProofs) private readonly proofs: LogProofs,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  @Get(PATHS.auditCheckpoint)
  @Requires({ scope: SCOPES.auditRead, roles: ['auditor', 'owner', 'admin'] })
  @Describe({
    id: 'readAuditCheckpoint',
    summary: 'The newest signed checkpoint of the audit log, and the key that verifies it.',
    answer: auditCheckpointSchema,
  })
  async checkpoint(
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<AuditCheckpoint> {
    refuseQuery(query);
    await this.audit.write(auditRead({ caller, address }, { checkpoint: {} }));
    return this.proofs.checkpoint();
  }

  @Get(PATHS.auditConsistency)
  @Requires({ scope: SCOPES.auditRead, roles: ['auditor', 'owner', 'admin'] })
  @Describe({
    id: 'proveAuditConsistency',
    summary: 'A proof (RFC 6962 §2.1.2) that the log still begins with what it was at an earlier size.',
    query: auditConsistencyQuerySchema,
    answer: auditConsistencySchema,
  })
  async consistency(
    @Query() raw: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<AuditConsistency> {
    const { from, to } = readParameters(auditConsistencyQuerySchema, raw);
    await this.audit.write(auditRead({ caller, address }, { consistency: { from, to } }));
    return this.proofs.consistency(from, to);
  }

  @Get(`${PATHS.audit}/:id/receipt`)
  @Requires({ scope: SCOPES.auditRead, roles: ['auditor', 'owner'] })
  @Describe({
    id: 'readAuditReceipt',
    summary: 'A receipt that anybody can check offline: the records of one call, with proofs that they are in the log.',
    path: auditReceiptParametersSchema,
    answer: receiptSchema,
  })
  async receipt(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<Receipt> {
    refuseQuery(query);
    const { id } = readParameters(auditReceiptParametersSchema, parameters);
    await this.audit.write(auditRead({ caller, address }, { receipt: { id } }));
    const payloads = rolesOf(caller.session, this.catalog.current().roles).includes('auditor');
    const receipt = await this.proofs.receipt(id, { payloads });
    if (receipt) return receipt;
    throw new CodedError('not_found', { message: 'There is no such record. Search the audit log to see its ids.' });
  }
}

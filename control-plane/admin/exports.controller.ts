import { Controller, Get, Inject, Query } from '@nestjs/common';
import { exportListSchema, type ExportList } from '#shared/api/exports.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { DeliveryProgress } from '../audit/delivery/delivery-progress.service.js';
import { Requires } from '../identity/access/requires.decorator.js';
import { Describe } from './openapi/describe.decorator.js';
import { refuseQuery } from './refuse-query.js';

/** Whether the audit log leaves the box. No record of its own: it tells nothing of a record, and would be one that waits. */
@Controller()
export class ExportsController {
  constructor(@Inject(DeliveryProgress) private readonly progress: DeliveryProgress) {}

  @Get(PATHS.exports)
  @Requires({ scope: SCOPES.auditRead, roles: ['auditor', 'owner', 'admin'] })
  @Describe({
    id: 'listExports',
    summary: 'How far each audit export and each place for checkpoints is, and why one takes nothing.',
    answer: exportListSchema,
  })
  async list(@Query() query: unknown): Promise<ExportList> {
    refuseQuery(query);
    const now = Date.now();
    const exports = await this.progress.ofExports(now);
    const checkpoints = await this.progress.ofCheckpoints(now);
    return {
      exports: exports.map(({ name, kind, next, waiting, behind, failingSince, failure }) => ({
        name,
        kind,
        next,
        waiting,
        lagSeconds: behind / 1000,
        failingSince: failingSince === null ? null : new Date(failingSince).toISOString(),
        failure,
      })),
      checkpoints: checkpoints.map(({ name, kind, size, waiting, behind }) => ({
        name,
        kind,
        size: size ?? null,
        waiting,
        lagSeconds: behind / 1000,
      })),
    };
  }
}

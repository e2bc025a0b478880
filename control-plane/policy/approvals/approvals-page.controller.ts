import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { approvalParametersSchema } from '#shared/api/approvals.js';
import { askSchema } from '#shared/api/grants.js';
import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { shownName } from '#shared/pages/facts.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { refuseForeignOrigin } from '../../identity/access/admission.js';
import { Public } from '../../identity/access/public.decorator.js';
import { RateLimitGuard } from '../../identity/rate-limit/rate-limit.guard.js';
import { arriveVisit, beginVisit, ownForm, requireSubject } from '../../identity/sign-in/page-answer.js';
import { PageErrorFilter } from '../../identity/sign-in/page-error.filter.js';
import { PageSignIn } from '../../identity/sign-in/page-sign-in.js';
import { AccessDesk } from './access-desk.service.js';
import { askPage } from './access-pages.js';
import { ApprovalDesk } from './approval-desk.service.js';
import { approvalPage, listPage } from './approvals-pages.js';
import { answerApprover } from './page-answer.js';

const referenceSchema = askSchema.shape.reference;

/** The page on which people decide calls of others: plain forms, no script, a sign-in of its own. */
@Public()
@Controller(PATHS.approvalsPage)
@UseGuards(RateLimitGuard)
@UseFilters(PageErrorFilter)
export class ApprovalsPageController {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(PageSignIn) private readonly signIn: PageSignIn,
    @Inject(ApprovalDesk) private readonly desk: ApprovalDesk,
    @Inject(AccessDesk) private readonly access: AccessDesk,
  ) {}

  /** All that waits; with `?request=REFERENCE` what a denied person may ask for, as the denial says. */
  @Get()
  async list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: Record<string, unknown>,
  ): Promise<void> {
    const { request: denial } = query;
    const subject = denial === undefined ? undefined : requireSubject(referenceSchema, denial);
    await answerApprover(this.signIn, { request, reply, subject }, async (approver, { csrf }) => {
      if (subject !== undefined) return askPage(await this.access.target(subject, approver), subject, csrf);
      const [approvals, access] = [await this.desk.list(approver), await this.access.list(approver)];
      return listPage(approvals, access, shownName(approver.person));
    });
  }

  @Get('sign-in')
  async begin(@Res() reply: FastifyReply, @Query() query: Record<string, unknown>): Promise<void> {
    await beginVisit(this.signIn, 'approvals', reply, query);
  }

  @Get('signed-in')
  async arrive(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: Record<string, unknown>,
  ): Promise<void> {
    await arriveVisit(this.signIn, 'approvals', { request, reply }, query);
  }

  @Get(':id')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') given: string): Promise<void> {
    const { id } = requireSubject(approvalParametersSchema, { id: given });
    await answerApprover(this.signIn, { request, reply, subject: id }, async (approver, { csrf }) =>
      approvalPage(await this.desk.show(id, approver), csrf),
    );
  }

  @Post(':id')
  @HttpCode(200)
  async decide(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') given: string,
    @Body() body: unknown,
  ): Promise<void> {
    refuseForeignOrigin(request.headers.origin, this.config.settings.publicUrl);
    const { id } = requireSubject(approvalParametersSchema, { id: given });
    await answerApprover(this.signIn, { request, reply, subject: id }, async (approver, visitor) => {
      const form = ownForm(this.signIn, visitor, body);
      const [verdict, reason]: unknown[] = [form.get('decision'), form.get('reason')];
      if (verdict !== 'approve' && verdict !== 'refuse') throw new CodedError('params_invalid');
      const said = typeof reason === 'string' ? reason : '';
      return approvalPage(await this.desk.decide(id, approver, verdict, said), visitor.csrf);
    });
  }
}

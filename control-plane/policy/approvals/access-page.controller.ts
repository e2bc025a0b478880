import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { approveSchema, askSchema, refuseSchema, requestParametersSchema } from '#shared/api/grants.js';
import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { refuseForeignOrigin } from '../../identity/access/admission.js';
import { Public } from '../../identity/access/public.decorator.js';
import { RateLimitGuard } from '../../identity/rate-limit/rate-limit.guard.js';
import { ownForm, requireSubject } from '../../identity/sign-in/page-answer.js';
import { PageErrorFilter } from '../../identity/sign-in/page-error.filter.js';
import { PageSignIn } from '../../identity/sign-in/page-sign-in.js';
import { isPageSubject } from '../../identity/sign-in/page-visit.js';
import { AccessDesk, type AccessVerdict } from './access-desk.service.js';
import { accessPage } from './access-pages.js';
import { answerApprover, requireFields } from './page-answer.js';

/** The part of the page on which people ask for access after a denial, and others answer. */
@Public()
@Controller(`${PATHS.approvalsPage}/access`)
@UseGuards(RateLimitGuard)
@UseFilters(PageErrorFilter)
export class AccessPageController {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(PageSignIn) private readonly signIn: PageSignIn,
    @Inject(AccessDesk) private readonly desk: AccessDesk,
  ) {}

  @Post()
  @HttpCode(200)
  async ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Body() body: unknown): Promise<void> {
    refuseForeignOrigin(request.headers.origin, this.config.settings.publicUrl);
    const given = new Map<string, unknown>(Object.entries(body ?? {})).get('reference');
    const subject = isPageSubject('approvals', given) ? given : undefined;
    await answerApprover(this.signIn, { request, reply, subject }, async (approver, visitor) => {
      const form = ownForm(this.signIn, visitor, body);
      const asked = { reference: form.get('reference'), reason: form.get('reason'), ...minutesOf(form) };
      const { reference, reason, minutes } = requireFields(askSchema, asked);
      return accessPage(await this.desk.ask(approver, { reference, reason, minutes }), visitor.csrf);
    });
  }

  @Get(':id')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') given: string): Promise<void> {
    const { id } = requireSubject(requestParametersSchema, { id: given });
    await answerApprover(this.signIn, { request, reply, subject: id }, async (approver, { csrf }) =>
      accessPage(await this.desk.show(id, approver), csrf),
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
    const { id } = requireSubject(requestParametersSchema, { id: given });
    await answerApprover(this.signIn, { request, reply, subject: id }, async (approver, visitor) => {
      const verdict = verdictIn(ownForm(this.signIn, visitor, body));
      return accessPage(await this.desk.decide(id, approver, verdict), visitor.csrf);
    });
  }
}

function verdictIn(form: ReadonlyMap<string, unknown>): AccessVerdict {
  const decision = form.get('decision');
  if (decision === 'give') return { give: true, minutes: requireFields(approveSchema, minutesOf(form)).minutes };
  if (decision === 'refuse') return { give: false, ...requireFields(refuseSchema, { reason: form.get('reason') }) };
  throw new CodedError('params_invalid');
}

/** An empty field says nothing. */
function minutesOf(form: ReadonlyMap<string, unknown>): { minutes?: number } {
  const text = form.get('minutes');
  return typeof text === 'string' && text.trim() !== '' ? { minutes: Number(text) } : {};
}

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
import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { pageHeaders } from '#shared/pages/page-headers.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { refuseForeignOrigin } from '../../identity/access/admission.js';
import { Public } from '../../identity/access/public.decorator.js';
import { RateLimitGuard } from '../../identity/rate-limit/rate-limit.guard.js';
import { PageErrorFilter } from '../../identity/sign-in/page-error.filter.js';
import { PageSignIn, type PageVisitor } from '../../identity/sign-in/page-sign-in.js';
import { ApprovalDesk } from './approval-desk.service.js';
import type { Approver, ShownApproval } from './approval.js';
import { approvalPage, listPage, noticePage, signInPage } from './approvals-pages.js';

/** Without it a browser says of the page's own form that it comes from nowhere (Fetch, `Origin: null`). */
const NAMES_ITSELF = { 'referrer-policy': 'same-origin' };

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
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visitor = await this.signIn.visitor(request.headers.cookie);
    if (!visitor) return send(reply, signInPage(this.signIn.choices, undefined));
    const { person } = visitor;
    const approvals = await this.desk.list(approverOf(visitor, request.ip));
    send(reply, listPage(approvals, person.email ?? person.name ?? person.id));
  }

  @Get('sign-in')
  async begin(@Res() reply: FastifyReply, @Query() query: Record<string, unknown>): Promise<void> {
    const { provider, id } = query;
    const approval = id === undefined ? undefined : requireId(id);
    const { location, setCookie } = await this.signIn.begin(String(provider), approval);
    void reply.header('set-cookie', setCookie).header('cache-control', 'no-store').redirect(location, 303);
  }

  @Get('signed-in')
  async arrive(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: Record<string, unknown>,
  ): Promise<void> {
    const { key, visit } = query;
    if (typeof key !== 'string' || typeof visit !== 'string') {
      throw new CodedError('sign_in_failed', {
        message: 'The identity provider did not sign you in. Open the page anew.',
      });
    }
    const path = await this.signIn.arrive(visit, key, request.headers.cookie);
    void reply.header('cache-control', 'no-store').redirect(path, 303);
  }

  @Get(':id')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') given: string): Promise<void> {
    await this.#forVisitor(request, reply, given, (id, visitor) => this.desk.show(id, approverOf(visitor, request.ip)));
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
    await this.#forVisitor(request, reply, given, (id, visitor) => {
      const form = new Map(Object.entries(body ?? {}));
      this.signIn.requireOwnForm(visitor, form.get('csrf'));
      const [verdict, reason]: unknown[] = [form.get('decision'), form.get('reason')];
      if (verdict !== 'approve' && verdict !== 'refuse') throw new CodedError('params_invalid');
      return this.desk.decide(id, approverOf(visitor, request.ip), verdict, typeof reason === 'string' ? reason : '');
    });
  }

  /** Shows what came of it; whoever has not signed in lately does that first. */
  async #forVisitor(
    request: FastifyRequest,
    reply: FastifyReply,
    given: string,
    work: (id: string, visitor: PageVisitor) => Promise<ShownApproval>,
  ): Promise<void> {
    const id = requireId(given);
    const visitor = await this.signIn.visitor(request.headers.cookie);
    if (!visitor) return send(reply, signInPage(this.signIn.choices, id));
    try {
      send(reply, approvalPage(await work(id, visitor), visitor.csrf));
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      send(reply, noticePage(error.message, error.code), error.form.http);
    }
  }
}

function send(reply: FastifyReply, body: string, status = 200): void {
  void reply
    .status(status)
    .headers({ ...pageHeaders(["'self'"]), ...NAMES_ITSELF })
    .send(body);
}

function approverOf({ person, groups, authTime }: PageVisitor, address: string): Approver {
  return { person, groups, authTime, address };
}

function requireId(given: unknown): string {
  const parsed = approvalParametersSchema.safeParse({ id: given });
  if (parsed.success) return parsed.data.id;
  throw new CodedError('not_found', { message: 'There is no such page.' });
}

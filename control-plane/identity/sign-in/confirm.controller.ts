import { Body, Controller, Get, Inject, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { InteractionResults } from 'oidc-provider';
import { REFUSALS } from '#shared/api/refusals.js';
import { CodedError } from '#shared/errors.js';
import { StorageService } from '../../storage/storage.service.js';
import { Public } from '../access/public.decorator.js';
import { AuthorizationServer } from '../authorization-server/authorization-server.js';
import type { PendingAuthorization } from '../authorization-server/pending-authorization.js';
import type { Session } from '../caller.js';
import { redirectSource } from '../../config/redirect-uri.js';
import { RateLimitGuard } from '../rate-limit/rate-limit.guard.js';
import { ApprovalService } from './approval.service.js';
import type { SignedInAtIdp } from './login-attempts.js';
import { csrfToken, expiredLoginCookie, isSameToken, readLoginCookie } from './login-cookie.js';
import { PageErrorFilter } from './page-error.filter.js';
import { confirmPage } from './pages/confirm-page.js';
import { pageHeaders } from '#shared/pages/page-headers.js';
import { SignInService } from './sign-in.service.js';

interface Visit {
  readonly pending: PendingAuthorization;
  readonly cookie: string;
  readonly csrf: string;
}

/** The page on which a person lets a client in: nothing is granted before its button is clicked. */
@Public()
@Controller('auth/interaction/:id/confirm')
@UseGuards(RateLimitGuard)
@UseFilters(PageErrorFilter)
export class ConfirmController {
  constructor(
    @Inject(AuthorizationServer) private readonly server: AuthorizationServer,
    @Inject(SignInService) private readonly signIn: SignInService,
    @Inject(ApprovalService) private readonly approval: ApprovalService,
    @Inject(StorageService) private readonly storage: StorageService,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { pending, cookie, csrf } = await this.#visit(request, reply, id);
    const { person } = await this.signIn.unconfirmed(id, cookie);
    const renews = (await this.approval.renewable(pending)) !== undefined;
    if (!this.approval.isOpenTo(pending, request.ip)) {
      return this.#settle(request, reply, { pending, cookie, renews }, 'stray');
    }
    const body = confirmPage({
      name: person.name,
      email: person.email,
      provider: person.provider,
      client: await this.server.describe(pending),
      deviceName: pending.deviceName,
      address: request.ip,
      time: Date.now(),
      started: pending.started,
      renews,
      action: `/auth/interaction/${id}/confirm`,
      csrf,
    });
    const targets = pending.redirectUri === null ? [] : [redirectSource(pending.redirectUri)];
    void reply.headers(pageHeaders(["'self'", ...targets])).send(body);
  }

  @Post()
  async decide(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<void> {
    const { pending, cookie, csrf } = await this.#visit(request, reply, id);
    const form = new Map(Object.entries(body ?? {}));
    const decision: unknown = form.get('decision');
    if (!isSameToken(csrf, form.get('csrf')) || (decision !== 'approve' && decision !== 'deny')) {
      throw new CodedError('sign_in_failed', { message: 'This form does not belong to your sign-in. Start again.' });
    }
    const isStray = decision === 'approve' && !this.approval.isOpenTo(pending, request.ip);
    const renews = form.get('renews') === 'yes';
    return this.#settle(request, reply, { pending, cookie, renews }, isStray ? 'stray' : decision);
  }

  /** Uses the sign-in up and sends the browser on with what came of it. */
  async #settle(
    request: FastifyRequest,
    reply: FastifyReply,
    { pending, cookie, renews }: Pick<Visit, 'pending' | 'cookie'> & { readonly renews: boolean },
    decision: 'approve' | 'deny' | 'stray',
  ): Promise<void> {
    const signedIn = await this.signIn.decide(pending.id, cookie);
    const result =
      decision === 'approve'
        ? await this.#approved(pending, signedIn, request.ip, renews)
        : await this.#denied(pending, signedIn, request.ip, decision);
    const location = await this.server.finish(request.raw, reply.raw, result);
    void reply.header('set-cookie', expiredLoginCookie(this.server.cookies, pending.id)).redirect(location, 303);
  }

  async #approved(
    pending: PendingAuthorization,
    signedIn: SignedInAtIdp,
    address: string,
    renews: boolean,
  ): Promise<InteractionResults> {
    const session = await this.approval.approve(pending, signedIn, address, renews);
    return {
      login: { accountId: session.person.id, remember: false, ...signedInAt(session) },
      consent: { grantId: session.id },
    };
  }

  async #denied(
    pending: PendingAuthorization,
    signedIn: SignedInAtIdp,
    address: string,
    decision: 'deny' | 'stray',
  ): Promise<InteractionResults> {
    if (decision === 'stray') await this.approval.denyStray(pending, signedIn, address);
    else await this.approval.deny(pending, signedIn, address);
    const description = decision === 'stray' ? REFUSALS.otherNetwork : REFUSALS.byPerson;
    return { error: 'access_denied', error_description: description };
  }

  async #visit(request: FastifyRequest, reply: FastifyReply, id: string): Promise<Visit> {
    const pending = await this.server.pending(request.raw, reply.raw);
    const cookie = readLoginCookie(request.headers.cookie, this.server.cookies, id);
    if (pending.id !== id || cookie === undefined) throw new CodedError('sign_in_expired');
    return { pending, cookie, csrf: csrfToken(this.storage.key('sign-in-forms'), id, cookie) };
  }
}

function signedInAt({ authTime }: Session): { ts?: number } {
  return authTime === 0 ? {} : { ts: Math.floor(authTime / 1000) };
}

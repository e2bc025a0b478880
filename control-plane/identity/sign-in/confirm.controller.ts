import { Body, Controller, Get, Inject, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { InteractionResults } from 'oidc-provider';
import { CodedError } from '#shared/errors.js';
import { StorageService } from '../../storage/storage.service.js';
import { Public } from '../access/public.decorator.js';
import { AuthorizationServer } from '../authorization-server/authorization-server.js';
import { describeClient } from '../authorization-server/clients.js';
import type { PendingAuthorization } from '../authorization-server/pending-authorization.js';
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
    const body = confirmPage({
      name: person.name,
      email: person.email,
      provider: person.provider,
      client: { id: pending.clientId, ...describeClient(pending.clientId) },
      deviceName: pending.deviceName,
      address: request.ip,
      time: Date.now(),
      action: `/auth/interaction/${id}/confirm`,
      csrf,
    });
    void reply.headers(pageHeaders(["'self'", new URL(pending.redirectUri).origin])).send(body);
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
    const signedIn = await this.signIn.decide(id, cookie);
    const result =
      decision === 'approve'
        ? await this.#approved(pending, signedIn, request.ip)
        : await this.#denied(pending, signedIn, request.ip);
    const location = await this.server.finish(request.raw, reply.raw, result);
    void reply.header('set-cookie', expiredLoginCookie(this.server.cookies, id)).redirect(location, 303);
  }

  async #approved(
    pending: PendingAuthorization,
    signedIn: SignedInAtIdp,
    address: string,
  ): Promise<InteractionResults> {
    const session = await this.approval.approve(pending, signedIn, address);
    return {
      login: { accountId: session.person.id, remember: false, ts: Math.floor(session.authTime / 1000) },
      consent: { grantId: session.id },
    };
  }

  async #denied(pending: PendingAuthorization, signedIn: SignedInAtIdp, address: string): Promise<InteractionResults> {
    await this.approval.deny(pending, signedIn, address);
    return { error: 'access_denied', error_description: 'the person refused the sign-in' };
  }

  async #visit(request: FastifyRequest, reply: FastifyReply, id: string): Promise<Visit> {
    const pending = await this.server.pending(request.raw, reply.raw);
    const cookie = readLoginCookie(request.headers.cookie, this.server.cookies, id);
    if (pending.id !== id || cookie === undefined) throw new CodedError('sign_in_expired');
    return { pending, cookie, csrf: csrfToken(this.storage.key('sign-in-forms'), id, cookie) };
  }
}

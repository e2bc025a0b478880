import { Controller, Get, Inject, Param, Query, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { REFUSALS } from '#shared/api/refusals.js';
import { CodedError } from '#shared/errors.js';
import { Public } from '../access/public.decorator.js';
import { AuthorizationServer } from '../authorization-server/authorization-server.js';
import type { PendingAuthorization } from '../authorization-server/pending-authorization.js';
import type { IdentityProvider } from '../idp/identity-provider.js';
import { RateLimitGuard } from '../rate-limit/rate-limit.guard.js';
import { loginCookie, readLoginCookie } from './login-cookie.js';
import { PageErrorFilter } from './page-error.filter.js';
import { afterIdp, cookieScope, pageOfVisit } from './page-visit.js';
import { ProviderChoice } from './provider-choice.js';
import { RefusedByIdp, SignInService } from './sign-in.service.js';

/** The browser's way from our authorization endpoint to the IdP and back. */
@Public()
@Controller('auth')
@UseGuards(RateLimitGuard)
@UseFilters(PageErrorFilter)
export class SignInController {
  constructor(
    @Inject(AuthorizationServer) private readonly server: AuthorizationServer,
    @Inject(SignInService) private readonly signIn: SignInService,
    @Inject(ProviderChoice) private readonly choice: ProviderChoice,
  ) {}

  @Get('interaction/:id')
  async begin(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Query('provider') chosen: unknown,
  ): Promise<void> {
    const pending = await this.server.pending(request.raw, reply.raw);
    if (pending.id !== id) throw new CodedError('sign_in_expired');
    const provider = await this.#provider(pending, chosen);
    // Chrome applies form-action to the redirects after a form: the one that took the code must not end at the IdP.
    const mustClick = pending.started !== null && chosen === undefined;
    if (!provider || mustClick) return this.choice.show(request, reply, id);
    const loginHint = this.choice.hintFor(provider, pending);
    const { location, cookie } = await this.signIn.begin(id, provider, { ...pending, loginHint });
    void reply
      .header('set-cookie', loginCookie(this.server.cookies, id, cookie))
      .header('cache-control', 'no-store')
      .redirect(location.href, 303);
  }

  @Get('callback')
  async callback(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query('state') state: unknown,
  ): Promise<void> {
    if (typeof state !== 'string') throw new CodedError('sign_in_expired');
    const id = await this.signIn.interactionOf(state);
    const cookie = readLoginCookie(request.headers.cookie, this.server.cookies, cookieScope(id));
    const query = request.url.slice(request.url.indexOf('?'));
    const next = await this.#next(id, state, query, cookie);
    if (pageOfVisit(id) !== undefined) next.set('visit', id);
    void reply
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer')
      .redirect(`${afterIdp(id)}?${next.toString()}`, 303);
  }

  /** Lies below the path of the interaction cookie: a browser that does not hold it cannot go on. */
  @Get('interaction/:id/done')
  async done(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<void> {
    const pending = await this.server.pending(request.raw, reply.raw);
    if (pending.id !== id) throw new CodedError('sign_in_expired');
    if (query['refused'] !== undefined) return this.#tellClient(request, reply);
    const key = query['key'];
    const cookie = readLoginCookie(request.headers.cookie, this.server.cookies, id);
    if (typeof key !== 'string') throw new CodedError('sign_in_expired');
    await this.signIn.arrive(id, key, cookie);
    void reply.header('cache-control', 'no-store').redirect(`/auth/interaction/${id}/confirm`, 303);
  }

  async #next(id: string, state: string, query: string, cookie: string | undefined): Promise<URLSearchParams> {
    try {
      return new URLSearchParams({ key: await this.signIn.comeBack(state, query, cookie) });
    } catch (error) {
      if (error instanceof RefusedByIdp && error.interaction === id) return new URLSearchParams({ refused: '' });
      throw error;
    }
  }

  async #tellClient(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const result = { error: 'access_denied', error_description: REFUSALS.byProvider };
    void reply.redirect(await this.server.finish(request.raw, reply.raw, result), 303);
  }

  async #provider(pending: PendingAuthorization, chosen: unknown): Promise<IdentityProvider | undefined> {
    const { person } = pending;
    return person === null ? this.choice.made(pending, chosen) : this.signIn.providerOf(person);
  }
}

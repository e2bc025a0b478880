import { Body, Controller, Inject, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '#shared/errors.js';
import { pageHeaders } from '#shared/pages/page-headers.js';
import { Public } from '../access/public.decorator.js';
import { AuthorizationServer } from '../authorization-server/authorization-server.js';
import { RateLimitGuard } from '../rate-limit/rate-limit.guard.js';
import { domainOf, emailAddressIn } from './email-address.js';
import { loginCookie } from './login-cookie.js';
import { PageErrorFilter } from './page-error.filter.js';
import { continuePage } from './pages/continue-page.js';
import { ProviderChoice } from './provider-choice.js';
import { SignInService } from './sign-in.service.js';

/** Takes the e-mail address whose domain says where to sign in; nothing else is made of it. */
@Public()
@Controller('auth/interaction/:id/email')
@UseGuards(RateLimitGuard)
@UseFilters(PageErrorFilter)
export class EmailController {
  constructor(
    @Inject(AuthorizationServer) private readonly server: AuthorizationServer,
    @Inject(SignInService) private readonly signIn: SignInService,
    @Inject(ProviderChoice) private readonly choice: ProviderChoice,
  ) {}

  /** Answers with a page that links to the IdP: Chrome applies form-action to the redirects after a form. */
  @Post()
  async find(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<void> {
    const pending = await this.server.pending(request.raw, reply.raw);
    if (pending.id !== id || pending.person !== null) throw new CodedError('sign_in_expired');
    const form = new Map(Object.entries(body ?? {}));
    this.choice.requireOwnForm(request, id, form.get('csrf'));
    const address = emailAddressIn(form.get('email'));
    if (address === null) return this.choice.show(request, reply.status(400), id, { problem: NO_ADDRESS });
    const provider = this.choice.of(address);
    if (!provider)
      return this.choice.show(request, reply.status(400), id, { address, problem: unknownDomain(address) });
    const { location, cookie } = await this.signIn.begin(id, provider, { ...pending, loginHint: address });
    const host = new URL(provider.issuer).host;
    void reply
      .header('set-cookie', loginCookie(this.server.cookies, id, cookie))
      .headers(pageHeaders())
      .status(200)
      .send(continuePage({ provider: provider.id, host, location: location.href, back: `/auth/interaction/${id}` }));
  }
}

const NO_ADDRESS = 'That is no e-mail address. Write it like name@company.example.';

function unknownDomain(address: string): string {
  return (
    `Nobody with an address at ${domainOf(address)} signs in here. Check the spelling, or ask your administrator which ` +
    'of your addresses to use.'
  );
}

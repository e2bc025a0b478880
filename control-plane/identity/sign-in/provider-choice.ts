import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '#shared/errors.js';
import { pageHeaders } from '#shared/pages/page-headers.js';
import { StorageService } from '../../storage/storage.service.js';
import { AuthorizationServer } from '../authorization-server/authorization-server.js';
import type { PendingAuthorization } from '../authorization-server/pending-authorization.js';
import type { IdentityProvider } from '../idp/identity-provider.js';
import { IdentityProviders } from '../idp/identity-providers.js';
import { domainOf } from './email-address.js';
import { csrfToken, isSameToken, loginCookie, newCookieValue, readLoginCookie } from './login-cookie.js';
import { chooseProviderPage, type EmailEntry } from './pages/choose-provider-page.js';

/** At which of several IdPs a person signs in: by the domain of an e-mail address, or by a click. */
@Injectable()
export class ProviderChoice {
  constructor(
    @Inject(AuthorizationServer) private readonly server: AuthorizationServer,
    @Inject(IdentityProviders) private readonly providers: IdentityProviders,
    @Inject(StorageService) private readonly storage: StorageService,
  ) {}

  /** The provider, where there is nothing to ask: the only one, the one that was clicked, or that of the client's hint. */
  made({ loginHint }: PendingAuthorization, clicked: unknown): IdentityProvider | undefined {
    const [only, ...others] = this.providers.all;
    if (others.length === 0) return only;
    if (typeof clicked === 'string') return this.providers.find(clicked);
    return loginHint === null ? undefined : this.of(loginHint);
  }

  /** Looks at the domain alone, so that the answer says nothing about people. */
  of(address: string): IdentityProvider | undefined {
    return this.providers.ofDomain(domainOf(address));
  }

  /** The client's hint, unless it is the address of people who sign in elsewhere. */
  hintFor(provider: IdentityProvider, { loginHint }: PendingAuthorization): string | null {
    if (loginHint === null) return null;
    const owner = this.of(loginHint);
    return owner === provider || (!owner && provider.emailDomains.length === 0) ? loginHint : null;
  }

  show(request: FastifyRequest, reply: FastifyReply, id: string, entry: EmailEntry = {}): void {
    const { all } = this.providers;
    const byDomain = all.length > 1 && all.some(({ emailDomains }) => emailDomains.length > 0);
    const links = byDomain ? all.filter(({ emailDomains }) => emailDomains.length === 0) : all;
    const choices = links.map((provider) => ({
      id: provider.id,
      host: new URL(provider.issuer).host,
      path: `/auth/interaction/${id}?provider=${encodeURIComponent(provider.id)}`,
    }));
    if (!byDomain) return void reply.headers(pageHeaders()).send(chooseProviderPage(choices));
    const cookie = readLoginCookie(request.headers.cookie, this.server.cookies, id) ?? newCookieValue();
    const form = { action: `/auth/interaction/${id}/email`, csrf: this.#csrf(id, cookie), ...entry };
    void reply
      .header('set-cookie', loginCookie(this.server.cookies, id, cookie))
      .headers(pageHeaders(["'self'"]))
      .send(chooseProviderPage(choices, form));
  }

  /** Throws `sign_in_failed` unless the form is that of this page in this browser. */
  requireOwnForm(request: FastifyRequest, id: string, token: unknown): void {
    const cookie = readLoginCookie(request.headers.cookie, this.server.cookies, id);
    if (cookie !== undefined && isSameToken(this.#csrf(id, cookie), token)) return;
    throw new CodedError('sign_in_failed', { message: 'This form does not belong to your sign-in. Start again.' });
  }

  #csrf(id: string, cookie: string): string {
    return csrfToken(this.storage.key('email-forms'), id, cookie);
  }
}

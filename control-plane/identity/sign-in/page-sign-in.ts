import { Inject, Injectable } from '@nestjs/common';
import { FRESH_SIGN_IN } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { StorageService } from '../../storage/storage.service.js';
import { AuthorizationServer } from '../authorization-server/authorization-server.js';
import type { Person } from '../caller.js';
import { IdentityProviders } from '../idp/identity-providers.js';
import { ScimStanding } from '../scim/scim-standing.js';
import { isDisabled } from '../sessions/persons.js';
import { SignInCutoffs } from '../sessions/sign-in-cutoffs.js';
import { LoginAttempts, type SignedInAtIdp } from './login-attempts.js';
import { csrfToken, isSameToken, loginCookie, readLoginCookie } from './login-cookie.js';
import { pageOfVisit, pageVisit, pathOfVisit, type SignInPage } from './page-visit.js';
import { SignInService } from './sign-in.service.js';

/** Who stands before the page, as of this request. */
export interface PageVisitor {
  readonly person: Person;
  readonly groups: readonly string[];
  readonly authTime: number;
  readonly csrf: string;
  /** The value of the cookie that this browser alone has. */
  readonly browser: string;
}

/**
 * The sign-in of a page that people open in a browser: new at the IdP each time, good for ten minutes and for that page alone,
 * and no session: no token comes of it.
 */
@Injectable()
export class PageSignIn {
  constructor(
    @Inject(SignInService) private readonly signIn: SignInService,
    @Inject(LoginAttempts) private readonly attempts: LoginAttempts,
    @Inject(AuthorizationServer) private readonly server: AuthorizationServer,
    @Inject(IdentityProviders) private readonly providers: IdentityProviders,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(SignInCutoffs) private readonly cutoffs: SignInCutoffs,
    @Inject(ScimStanding) private readonly scim: ScimStanding,
  ) {}

  get choices(): readonly { readonly id: string; readonly host: string }[] {
    return this.providers.all.map(({ id, issuer }) => ({ id, host: new URL(issuer).host }));
  }

  /** Throws `not_found` for an unknown provider, and `idp_unreachable`. */
  async begin(
    page: SignInPage,
    provider: string,
    subject: string | undefined,
  ): Promise<{ location: string; setCookie: string }> {
    const known = this.providers.find(provider);
    if (!known) throw new CodedError('not_found', { message: 'There is no such identity provider here.' });
    const freshness = { again: true, maxAge: FRESH_SIGN_IN };
    const begun = await this.signIn.begin(pageVisit(page, subject), known, {
      freshness,
      person: null,
      loginHint: null,
    });
    const setCookie = loginCookie(this.server.cookies, page, begun.cookie);
    return { location: begun.location.href, setCookie };
  }

  /** Resolves with the path to go on to. Throws `sign_in_expired` and `sign_in_failed`. */
  async arrive(page: SignInPage, interaction: string, key: string, cookies: string | undefined): Promise<string> {
    if (pageOfVisit(interaction) !== page) throw new CodedError('sign_in_expired');
    await this.signIn.arrive(interaction, key, this.#cookie(page, cookies));
    return pathOfVisit(page, interaction);
  }

  /** Undefined where nobody has signed in here in the last ten minutes, or whoever did was put out since. */
  async visitor(page: SignInPage, cookies: string | undefined): Promise<PageVisitor | undefined> {
    const browser = this.#cookie(page, cookies);
    const attempt = browser === undefined ? undefined : await this.attempts.peek('unconfirmed', browser);
    if (browser === undefined || !attempt || pageOfVisit(attempt.interaction) !== page) return undefined;
    const { data } = attempt;
    if (!(await this.#stands(data))) return undefined;
    const { person, authTime } = data;
    const groups = this.scim.saysGroups(person.provider) ? await this.scim.groupsOf(person.id) : data.groups;
    return { person, groups, authTime, csrf: this.#csrf(page, browser), browser };
  }

  /** Throws `sign_in_failed` unless the form is that of this page in this browser. */
  requireOwnForm({ csrf }: PageVisitor, token: unknown): void {
    if (isSameToken(csrf, token)) return;
    throw new CodedError('sign_in_failed', {
      message: 'This form does not belong to your sign-in. Open the page anew.',
    });
  }

  async #stands(signedIn: SignedInAtIdp): Promise<boolean> {
    const { person } = signedIn;
    if (await isDisabled(this.storage.db, person.id)) return false;
    return !(await this.cutoffs.isCut(signedIn)) && (await this.scim.admits(person));
  }

  #cookie(page: SignInPage, header: string | undefined): string | undefined {
    return readLoginCookie(header, this.server.cookies, page);
  }

  #csrf(page: SignInPage, cookie: string): string {
    return csrfToken(this.storage.key('approval-pages'), page, cookie);
  }
}

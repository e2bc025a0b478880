import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { IdentityAssertions } from '../assertions/identity-assertions.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { accountOf } from '../machines/service-accounts.js';
import { Workloads } from '../machines/workloads.js';
import { issuerOf } from '../resources.js';
import { ScimStanding } from '../scim/scim-standing.js';
import { completed, isDisabled, savePerson } from '../sessions/persons.js';
import { SignInRecords } from '../sign-in/sign-in-records.js';
import { StorageService } from '../../storage/storage.service.js';
import { LIFETIMES } from '../token-lifetimes.js';
import type { Granted, GrantRequest } from './granted.js';
import { accessWithin } from './requested-access.js';
import { ServiceSignIn } from './service-sign-in.js';
import { refusedRequest } from './token-error.js';

/** From the moment when an IdP last spoke for a person until they are refused without a further word of it. */
const LONGEST_WITHOUT_WORD = 360_000;

/** RFC 7523 §2.1: a service account by its platform's token, or a person by an assertion of the company's IdP. */
@Injectable()
export class JwtBearerGrant {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(IdentityAssertions) private readonly assertions: IdentityAssertions,
    @Inject(Workloads) private readonly workloads: Workloads,
    @Inject(ServiceSignIn) private readonly services: ServiceSignIn,
    @Inject(ScimStanding) private readonly scim: ScimStanding,
    @Inject(SignInRecords) private readonly records: SignInRecords,
  ) {}

  async grant(request: GrantRequest): Promise<Granted> {
    const { assertion } = request.params;
    if (typeof assertion !== 'string') throw refusedRequest('invalid_request', 'assertion is missing.');
    const account = accountOf(request.clientId, this.config.settings.identity);
    if (!account) return this.#person(assertion, request);
    await this.workloads.prove(assertion, account, request.now);
    return this.services.grant(account, request, 'token of a trusted issuer');
  }

  async #person(assertion: string, { clientId, params, address, now }: GrantRequest): Promise<Granted> {
    const { profile, resource, scopes, issuedAt } = await this.assertions.redeem(assertion, clientId, now);
    const publicUrl = issuerOf(this.config.settings.publicUrl);
    const access = accessWithin(publicUrl, { resource, scopes }, params);
    const { groups, acr, amr, authTime, idpSession, userName, ...identity } = profile;
    const { db } = this.storage;
    const person = await savePerson(db, await completed(db, identity), now);
    if ((await isDisabled(db, person.id)) || !(await this.scim.admits(person, userName))) {
      await this.records.refused(person, { reason: 'the account is disabled', clientId, address });
      throw new CodedError('account_disabled');
    }
    return {
      ...access,
      kind: 'person',
      person,
      groups,
      acr,
      amr,
      authTime: Math.min(authTime ?? 0, now),
      idpSession,
      actors: [],
      checkedAt: Math.min(issuedAt, now),
      until: Math.min(now + LIFETIMES.accessToken * 1000, issuedAt + LONGEST_WITHOUT_WORD),
      parent: null,
      detail: 'identity assertion',
    };
  }
}

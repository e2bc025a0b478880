import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { StorageService } from '../../storage/storage.service.js';
import { groupsOf, profileOf, type ServiceAccount } from '../machines/service-accounts.js';
import { issuerOf } from '../resources.js';
import { isDisabled, savePerson } from '../sessions/persons.js';
import { SignInRecords } from '../sign-in/sign-in-records.js';
import { LIFETIMES } from '../token-lifetimes.js';
import type { Granted, GrantRequest } from './granted.js';
import { accessWithin, allOfMcp } from './requested-access.js';

/** A service account that has proved itself signs in, for as long as one access token lives. */
@Injectable()
export class ServiceSignIn {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(SignInRecords) private readonly records: SignInRecords,
  ) {}

  /** `detail`: how it proved itself. Throws `account_disabled`, `invalid_target` or `invalid_scope`. */
  async grant(account: ServiceAccount, request: GrantRequest, detail: string): Promise<Granted> {
    const publicUrl = issuerOf(this.config.settings.publicUrl);
    const { params, now, clientId, address } = request;
    const access = accessWithin(publicUrl, allOfMcp(publicUrl), params);
    const person = await savePerson(this.storage.db, profileOf(account, publicUrl), now);
    if (await isDisabled(this.storage.db, person.id)) {
      await this.records.refused(person, { reason: 'the account is disabled', clientId, address });
      throw new CodedError('account_disabled');
    }
    return {
      ...access,
      kind: 'service',
      person,
      groups: groupsOf(account),
      acr: null,
      amr: [],
      authTime: 0,
      idpSession: null,
      actors: [],
      checkedAt: now,
      until: now + LIFETIMES.accessToken * 1000,
      parent: null,
      detail,
    };
  }
}

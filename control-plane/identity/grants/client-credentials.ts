import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { accountOf } from '../machines/service-accounts.js';
import type { Granted, GrantRequest } from './granted.js';
import { ServiceSignIn } from './service-sign-in.js';
import { refusedGrant } from './token-error.js';

/** RFC 6749 §4.4, for service accounts alone; their key was proved when the client was authenticated (RFC 7523 §2.2). */
@Injectable()
export class ClientCredentialsGrant {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(ServiceSignIn) private readonly services: ServiceSignIn,
  ) {}

  async grant(request: GrantRequest): Promise<Granted> {
    const account = accountOf(request.clientId, this.config.settings.identity);
    if (!account?.settings.privateKeyJwt)
      throw refusedGrant('This client is no service account with a key of its own.');
    return this.services.grant(account, request, 'private key');
  }
}

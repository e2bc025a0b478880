import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ScimError } from './protocol/scim-error.js';
import { scimClientOf } from './scim-client.js';
import { ScimProviders } from './scim-providers.js';

/** Where the provider's tokens say the groups, pushed ones would seem to count and would not: they are refused. */
@Injectable()
export class ScimGroupsGuard implements CanActivate {
  constructor(@Inject(ScimProviders) private readonly providers: ScimProviders) {}

  canActivate(context: ExecutionContext): boolean {
    const { provider } = scimClientOf(context);
    if (this.providers.saysGroups(provider)) return true;
    throw new ScimError(
      404,
      `Groups come from the tokens here: identity.providers.${provider}.scim.groups is “token”.`,
    );
  }
}

import { ScimGroupsController } from './groups.controller.js';
import { ScimGroupsService } from './groups.service.js';
import { ScimBodyParser } from './scim-body.js';
import { ScimProviders } from './scim-providers.js';
import { ScimRecords } from './scim-records.js';
import { ScimStanding } from './scim-standing.js';
import { ScimServiceProviderController } from './service-provider.controller.js';
import { ScimUsersController } from './users.controller.js';
import { ScimUsersService } from './users.service.js';

/** What the identity module wires for SCIM. */
export const SCIM_CONTROLLERS = [ScimUsersController, ScimGroupsController, ScimServiceProviderController];
export const SCIM_PARTS = [
  ScimProviders,
  ScimStanding,
  ScimRecords,
  ScimUsersService,
  ScimGroupsService,
  ScimBodyParser,
];

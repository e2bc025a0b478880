import { Controller, Get, Header, Inject, Param, UseFilters, UseGuards } from '@nestjs/common';
import { PATHS } from '#shared/api/paths.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { Public } from '../access/public.decorator.js';
import { issuerOf } from '../resources.js';
import type { ResourceType } from './protocol/attributes.js';
import { listResponse, MAX_COUNT, type Found } from './protocol/page.js';
import { ScimError } from './protocol/scim-error.js';
import { resourceTypes, schemaDefinitions, serviceProviderConfig } from './protocol/service-provider.js';
import { SCIM_MEDIA_TYPE } from './scim-body.js';
import { CurrentScimClient, type ScimClient } from './scim-client.js';
import { ScimClientGuard } from './scim-client.guard.js';
import { ScimErrorFilter } from './scim-error.filter.js';
import { ScimProviders } from './scim-providers.js';

/** What the service offers (RFC 7644 §4). */
@Public()
@Controller('scim/v2')
@UseGuards(ScimClientGuard)
@UseFilters(ScimErrorFilter)
export class ScimServiceProviderController {
  readonly #base: string;

  constructor(
    @Inject(CONFIG) { settings }: LoadedConfig,
    @Inject(ScimProviders) private readonly providers: ScimProviders,
  ) {
    this.#base = `${issuerOf(settings.publicUrl)}${PATHS.scim}`;
  }

  @Get('ServiceProviderConfig')
  @Header('content-type', SCIM_MEDIA_TYPE)
  config(): object {
    return serviceProviderConfig(this.#base);
  }

  @Get('ResourceTypes')
  @Header('content-type', SCIM_MEDIA_TYPE)
  resourceTypes(@CurrentScimClient() client: ScimClient): object {
    return wholeList(resourceTypes(this.#base, this.#typesOf(client)));
  }

  @Get('ResourceTypes/:id')
  @Header('content-type', SCIM_MEDIA_TYPE)
  resourceType(@CurrentScimClient() client: ScimClient, @Param('id') id: string): object {
    return ofId(resourceTypes(this.#base, this.#typesOf(client)), id);
  }

  @Get('Schemas')
  @Header('content-type', SCIM_MEDIA_TYPE)
  schemas(@CurrentScimClient() client: ScimClient): object {
    return wholeList(schemaDefinitions(this.#base, this.#typesOf(client)));
  }

  @Get('Schemas/:id')
  @Header('content-type', SCIM_MEDIA_TYPE)
  schema(@CurrentScimClient() client: ScimClient, @Param('id') id: string): object {
    return ofId(schemaDefinitions(this.#base, this.#typesOf(client)), id);
  }

  #typesOf({ provider }: ScimClient): readonly ResourceType[] {
    return this.providers.saysGroups(provider) ? ['User', 'Group'] : ['User'];
  }
}

function wholeList(found: Found<object>): object {
  return listResponse(found, { startIndex: 1, count: MAX_COUNT });
}

function ofId(found: Found<{ readonly id: string }>, id: string): object {
  const resource = found.resources.find((one) => one.id === id);
  if (!resource) throw new ScimError(404, 'There is nothing of this id.');
  return resource;
}

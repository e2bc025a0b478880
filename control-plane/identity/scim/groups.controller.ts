import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { PATHS } from '#shared/api/paths.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { Public } from '../access/public.decorator.js';
import { issuerOf } from '../resources.js';
import { ScimGroupsService, type GroupWithMembers } from './groups.service.js';
import { attributeSelection, selected, selects } from './protocol/attribute-selection.js';
import { listResponse, pageOf } from './protocol/page.js';
import { resourceFilter } from './protocol/resource-filter.js';
import { groupResource } from './resources.js';
import { SCIM_MEDIA_TYPE, scimBody } from './scim-body.js';
import { CurrentScimClient, type ScimClient } from './scim-client.js';
import { ScimClientGuard } from './scim-client.guard.js';
import { ScimErrorFilter } from './scim-error.filter.js';
import { ScimGroupsGuard } from './scim-groups.guard.js';

type QueryParameters = Readonly<Record<string, unknown>>;

/** `/scim/v2/Groups` (RFC 7644 §3), for providers whose groups SCIM says. */
@Public()
@Controller('scim/v2/Groups')
@UseGuards(ScimClientGuard, ScimGroupsGuard)
@UseFilters(ScimErrorFilter)
export class ScimGroupsController {
  readonly #base: string;

  constructor(
    @Inject(CONFIG) { settings }: LoadedConfig,
    @Inject(ScimGroupsService) private readonly groups: ScimGroupsService,
  ) {
    this.#base = `${issuerOf(settings.publicUrl)}${PATHS.scim}`;
  }

  @Get()
  @Header('content-type', SCIM_MEDIA_TYPE)
  async list(@CurrentScimClient() client: ScimClient, @Query() query: QueryParameters): Promise<object> {
    const [page, withMembers] = [pageOf(query), wantsMembers(query)];
    const { total, resources } = await this.groups.find(client, resourceFilter('Group', query), page, withMembers);
    return listResponse({ total, resources: resources.map((group) => this.#shown(group, query)) }, page);
  }

  @Get(':id')
  @Header('content-type', SCIM_MEDIA_TYPE)
  async read(
    @CurrentScimClient() client: ScimClient,
    @Param('id') id: string,
    @Query() query: QueryParameters,
  ): Promise<object> {
    return this.#shown(await this.groups.read(client, id, wantsMembers(query)), query);
  }

  @Post()
  @Header('content-type', SCIM_MEDIA_TYPE)
  async create(
    @CurrentScimClient() client: ScimClient,
    @Body() body: unknown,
    @Query() query: QueryParameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const group = await this.groups.create(client, scimBody(body));
    void reply.header('location', groupResource(this.#base, group).meta.location);
    return this.#shown(group, query);
  }

  @Put(':id')
  @Header('content-type', SCIM_MEDIA_TYPE)
  async replace(
    @CurrentScimClient() client: ScimClient,
    @Param('id') id: string,
    @Body() body: unknown,
    @Query() query: QueryParameters,
  ): Promise<object> {
    return this.#shown(await this.groups.replace(client, id, scimBody(body)), query);
  }

  /** 204, as Entra ID wants it; Okta takes it too. */
  @Patch(':id')
  @HttpCode(204)
  async patch(@CurrentScimClient() client: ScimClient, @Param('id') id: string, @Body() body: unknown): Promise<void> {
    await this.groups.patch(client, id, scimBody(body));
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@CurrentScimClient() client: ScimClient, @Param('id') id: string): Promise<void> {
    await this.groups.remove(client, id);
  }

  #shown(group: GroupWithMembers, query: QueryParameters): object {
    return selected(groupResource(this.#base, group), attributeSelection(query));
  }
}

function wantsMembers(query: QueryParameters): boolean {
  return selects(attributeSelection(query), 'members');
}

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
import { attributeSelection, selected } from './protocol/attribute-selection.js';
import { listResponse, pageOf } from './protocol/page.js';
import { resourceFilter } from './protocol/resource-filter.js';
import { userResource } from './resources.js';
import { SCIM_MEDIA_TYPE, scimBody } from './scim-body.js';
import { CurrentScimClient, type ScimClient } from './scim-client.js';
import { ScimClientGuard } from './scim-client.guard.js';
import { ScimErrorFilter } from './scim-error.filter.js';
import { ScimUsersService } from './users.service.js';
import type { ScimUser } from './user-rows.js';

type QueryParameters = Readonly<Record<string, unknown>>;

/** `/scim/v2/Users` (RFC 7644 §3). Public to the access guard: the SCIM client's own token is checked instead. */
@Public()
@Controller('scim/v2/Users')
@UseGuards(ScimClientGuard)
@UseFilters(ScimErrorFilter)
export class ScimUsersController {
  readonly #base: string;

  constructor(
    @Inject(CONFIG) { settings }: LoadedConfig,
    @Inject(ScimUsersService) private readonly users: ScimUsersService,
  ) {
    this.#base = `${issuerOf(settings.publicUrl)}${PATHS.scim}`;
  }

  @Get()
  @Header('content-type', SCIM_MEDIA_TYPE)
  async list(@CurrentScimClient() client: ScimClient, @Query() query: QueryParameters): Promise<object> {
    const page = pageOf(query);
    const { total, resources } = await this.users.find(client, resourceFilter('User', query), page);
    return listResponse({ total, resources: resources.map((user) => this.#shown(user, query)) }, page);
  }

  @Get(':id')
  @Header('content-type', SCIM_MEDIA_TYPE)
  async read(
    @CurrentScimClient() client: ScimClient,
    @Param('id') id: string,
    @Query() query: QueryParameters,
  ): Promise<object> {
    return this.#shown(await this.users.read(client, id), query);
  }

  @Post()
  @Header('content-type', SCIM_MEDIA_TYPE)
  async create(
    @CurrentScimClient() client: ScimClient,
    @Body() body: unknown,
    @Query() query: QueryParameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const user = await this.users.create(client, scimBody(body));
    void reply.header('location', userResource(this.#base, user).meta.location);
    return this.#shown(user, query);
  }

  @Put(':id')
  @Header('content-type', SCIM_MEDIA_TYPE)
  async replace(
    @CurrentScimClient() client: ScimClient,
    @Param('id') id: string,
    @Body() body: unknown,
    @Query() query: QueryParameters,
  ): Promise<object> {
    return this.#shown(await this.users.replace(client, id, scimBody(body)), query);
  }

  @Patch(':id')
  @Header('content-type', SCIM_MEDIA_TYPE)
  async patch(
    @CurrentScimClient() client: ScimClient,
    @Param('id') id: string,
    @Body() body: unknown,
    @Query() query: QueryParameters,
  ): Promise<object> {
    return this.#shown(await this.users.patch(client, id, scimBody(body)), query);
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@CurrentScimClient() client: ScimClient, @Param('id') id: string): Promise<void> {
    await this.users.remove(client, id);
  }

  #shown(user: ScimUser, query: QueryParameters): object {
    return selected(userResource(this.#base, user), attributeSelection(query));
  }
}

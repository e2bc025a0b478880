import { Body, Controller, Delete, Get, HttpCode, Inject, Ip, Param, Post, Query } from '@nestjs/common';
import {
  breakGlassSchema,
  giveSchema,
  grantPageSchema,
  grantParametersSchema,
  grantReviewSchema,
  grantSchema,
  grantsQuerySchema,
  type GrantPage,
  type ListedGrant,
} from '#shared/api/grants.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { fitPage } from '../audit/page-size.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { CurrentCaller, CurrentReach } from '../identity/access/current-caller.decorator.js';
import { Requires, type Reach } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { rolesOf } from '../identity/roles.js';
import { SessionDirectory } from '../identity/sessions/session-directory.js';
import type { Acting } from '../policy/grants/grant.js';
import { GrantsService } from '../policy/grants/grants.service.js';
import { GIVING_ROLES, REVIEWING_ROLES } from '../policy/grants/may-act.js';
import { actingOf } from './acting.js';
import { ListedGrants } from './listed-grants.js';
import { onePerson } from './one-person.js';
import { Describe } from './openapi/describe.decorator.js';
import { formatPosition, parsePosition } from './page-cursor.js';
import { peopleOf } from './people-of.js';
import { personFilter } from './person-filter.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';

/** Access for some time that no policy permits: who has it, who gave it, and its end. */
@Controller()
export class GrantsController {
  constructor(
    @Inject(GrantsService) private readonly grants: GrantsService,
    @Inject(ListedGrants) private readonly listed: ListedGrants,
    @Inject(SessionDirectory) private readonly directory: SessionDirectory,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  @Get(PATHS.grants)
  @Requires({ scope: SCOPES.grantsRead, roles: REVIEWING_ROLES, own: true })
  @Describe({
    id: 'listGrants',
    summary: 'List grants, newest first. With `user=me` everyone sees their own.',
    query: grantsQuerySchema,
    answer: grantPageSchema,
  })
  async list(@Query() raw: unknown, @CurrentCaller() caller: Caller, @CurrentReach() reach: Reach): Promise<GrantPage> {
    const { user, state, limit, cursor } = readParameters(grantsQuerySchema, raw);
    const people = await peopleOf(personFilter(user, caller, reach), this.directory);
    const after = cursor === undefined ? {} : { after: parsePosition(cursor) };
    const live = state === 'live' ? { liveAt: Date.now() } : {};
    const found = await this.grants.list({ ...people, ...live, ...after, limit });
    const grants = fitPage(await this.listed.grants(found.slice(0, limit)));
    const last = found[grants.length - 1];
    return { grants, nextCursor: last && grants.length < found.length ? formatPosition(last) : null };
  }

  @Get(`${PATHS.grants}/:id`)
  @Requires({ scope: SCOPES.grantsRead, roles: REVIEWING_ROLES, own: true })
  @Describe({
    id: 'getGrant',
    summary: 'One grant. Everyone may see their own.',
    path: grantParametersSchema,
    answer: grantSchema,
  })
  async show(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
  ): Promise<ListedGrant> {
    refuseQuery(query);
    return this.listed.grant(await this.#within(reach, caller, parameters));
  }

  @Post(PATHS.grants)
  @HttpCode(200)
  @Requires({ scope: SCOPES.grantsWrite, roles: GIVING_ROLES, fresh: true })
  @Describe({
    id: 'giveGrant',
    summary: 'Give somebody else access to a server, or to one tool, for some time.',
    body: giveSchema,
    answer: grantSchema,
  })
  async give(
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ListedGrant> {
    refuseQuery(query);
    const { person, server, tool, minutes, reason } = readParameters(giveSchema, body);
    const id = await onePerson(person, this.directory);
    const grant = await this.grants.give(this.#acting(caller, address), id, { server, tool, minutes, reason });
    return this.listed.grant(await this.grants.find(grant.id));
  }

  @Post(`${PATHS.grants}/break-glass`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.grantsWrite, fresh: true })
  @Describe({
    id: 'takeBreakGlass',
    summary: 'Take access for oneself in an emergency: for the groups of `grants.breakGlass`, alarmed and reviewed.',
    body: breakGlassSchema,
    answer: grantSchema,
  })
  async takeBreakGlass(
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ListedGrant> {
    refuseQuery(query);
    const { server, tool, minutes, reason } = readParameters(breakGlassSchema, body);
    const grant = await this.grants.takeBreakGlass(this.#acting(caller, address), { server, tool, minutes, reason });
    return this.listed.grant(await this.grants.find(grant.id));
  }

  @Post(`${PATHS.grants}/:id/review`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.grantsWrite, roles: REVIEWING_ROLES, fresh: true })
  @Describe({
    id: 'reviewGrant',
    summary: 'Say that break-glass access of somebody else was looked into.',
    path: grantParametersSchema,
    body: grantReviewSchema,
    answer: grantSchema,
  })
  async review(
    @Param() parameters: unknown,
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ListedGrant> {
    refuseQuery(query);
    const { id } = readParameters(grantParametersSchema, parameters);
    const { note } = readParameters(grantReviewSchema, body);
    return this.listed.grant(await this.grants.review(this.#acting(caller, address), id, note));
  }

  @Delete(`${PATHS.grants}/:id`)
  @Requires({ scope: SCOPES.grantsWrite, roles: GIVING_ROLES, own: true, fresh: true })
  @Describe({
    id: 'endGrant',
    summary: 'End a grant: it opens nothing from the next call on. Everyone may end their own.',
    path: grantParametersSchema,
    answer: grantSchema,
  })
  async end(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
    @Ip() address: string,
  ): Promise<ListedGrant> {
    refuseQuery(query);
    const { id } = await this.#within(reach, caller, parameters);
    return this.listed.grant(await this.grants.end(this.#acting(caller, address), id));
  }

  /** The grant that a path names. Throws `not_found`, the same for none and for somebody else's. */
  async #within(reach: Reach, { session }: Caller, parameters: unknown) {
    const { id } = readParameters(grantParametersSchema, parameters);
    const grant = await this.grants.find(id);
    if (reach === 'anyone' || grant.person === session.person.id) return grant;
    throw new CodedError('not_found', {
      message: 'There is no such grant, or it has ended. List them to see their ids.',
    });
  }

  #acting(caller: Caller, address: string): Acting {
    return actingOf({ caller, address }, rolesOf(caller.session, this.catalog.current().roles));
  }
}

import { Body, Controller, Get, HttpCode, Inject, Ip, Param, Post, Query } from '@nestjs/common';
import {
  approveSchema,
  askSchema,
  grantRequestPageSchema,
  grantRequestSchema,
  grantSchema,
  refuseSchema,
  requestParametersSchema,
  requestsQuerySchema,
  type GrantRequestPage,
  type ListedGrant,
  type ListedGrantRequest,
} from '#shared/api/grants.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { fitPage } from '../audit/page-size.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { CurrentCaller, CurrentReach } from '../identity/access/current-caller.decorator.js';
import { Requires, type Reach } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { rolesOf } from '../identity/roles.js';
import { SessionDirectory } from '../identity/sessions/session-directory.js';
import { GrantRequests } from '../policy/grants/grant-requests.service.js';
import { GrantsService } from '../policy/grants/grants.service.js';
import type { Acting } from '../policy/grants/grant.js';
import { GIVING_ROLES, REVIEWING_ROLES } from '../policy/grants/may-act.js';
import { actingOf } from './acting.js';
import { ListedGrants } from './listed-grants.js';
import { Describe } from './openapi/describe.decorator.js';
import { formatPosition, parsePosition } from './page-cursor.js';
import { peopleOf } from './people-of.js';
import { personFilter } from './person-filter.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';

const REQUESTS = `${PATHS.grants}/requests`;

/** Access that people ask for after a denial, and the answers. */
@Controller()
export class GrantRequestsController {
  constructor(
    @Inject(GrantRequests) private readonly requests: GrantRequests,
    @Inject(GrantsService) private readonly grants: GrantsService,
    @Inject(ListedGrants) private readonly listed: ListedGrants,
    @Inject(SessionDirectory) private readonly directory: SessionDirectory,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  @Get(REQUESTS)
  @Requires({ scope: SCOPES.grantsRead, roles: REVIEWING_ROLES, own: true })
  @Describe({
    id: 'listGrantRequests',
    summary: 'List requests for access, newest first. With `user=me` everyone sees their own.',
    query: requestsQuerySchema,
    answer: grantRequestPageSchema,
  })
  async list(
    @Query() raw: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
  ): Promise<GrantRequestPage> {
    const { user, state, limit, cursor } = readParameters(requestsQuerySchema, raw);
    const people = await peopleOf(personFilter(user, caller, reach), this.directory);
    const after = cursor === undefined ? {} : { after: parsePosition(cursor) };
    const open = state === 'open' ? { openAt: Date.now() } : {};
    const found = await this.requests.list({ ...people, ...open, ...after, limit });
    const requests = fitPage(await this.listed.requests(found.slice(0, limit)));
    const last = found[requests.length - 1];
    return { requests, nextCursor: last && requests.length < found.length ? formatPosition(last) : null };
  }

  @Post(REQUESTS)
  @HttpCode(200)
  @Requires({ scope: SCOPES.self, fresh: true })
  @Describe({
    id: 'requestGrant',
    summary: 'Ask for access after a denial of one’s own, by its reference.',
    body: askSchema,
    answer: grantRequestSchema,
  })
  async ask(
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ListedGrantRequest> {
    refuseQuery(query);
    const { reference, minutes, reason } = readParameters(askSchema, body);
    const acting = this.#acting(caller, address);
    return this.listed.request(await this.requests.ask(acting, { reference, minutes, reason }));
  }

  @Post(`${REQUESTS}/:id/give`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.grantsWrite, roles: GIVING_ROLES, fresh: true })
  @Describe({
    id: 'giveRequestedGrant',
    summary: 'Give what somebody else asked for, for as long as they asked or shorter.',
    path: requestParametersSchema,
    body: approveSchema,
    answer: grantSchema,
  })
  async give(
    @Param() parameters: unknown,
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ListedGrant> {
    refuseQuery(query);
    const { id } = readParameters(requestParametersSchema, parameters);
    const { minutes } = readParameters(approveSchema, body);
    const grant = await this.requests.give(this.#acting(caller, address), id, minutes);
    return this.listed.grant(await this.grants.find(grant.id));
  }

  @Post(`${REQUESTS}/:id/refuse`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.grantsWrite, roles: GIVING_ROLES, fresh: true })
  @Describe({
    id: 'refuseGrantRequest',
    summary: 'Refuse what somebody else asked for, with a reason.',
    path: requestParametersSchema,
    body: refuseSchema,
    answer: grantRequestSchema,
  })
  async refuse(
    @Param() parameters: unknown,
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ListedGrantRequest> {
    refuseQuery(query);
    const { id } = readParameters(requestParametersSchema, parameters);
    const { reason } = readParameters(refuseSchema, body);
    return this.listed.request(await this.requests.refuse(this.#acting(caller, address), id, reason));
  }

  #acting(caller: Caller, address: string): Acting {
    return actingOf({ caller, address }, rolesOf(caller.session, this.catalog.current().roles));
  }
}

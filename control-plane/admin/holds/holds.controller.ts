import { Body, Controller, Get, HttpCode, Inject, Ip, Param, Post, Query } from '@nestjs/common';
import {
  holdPageSchema,
  holdParametersSchema,
  holdReleaseSchema,
  holdRequestSchema,
  holdSchema,
  holdsQuerySchema,
  type HoldPage,
  type ListedHold,
} from '#shared/api/holds.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { fitPage } from '../../audit/page-size.js';
import { CurrentCaller } from '../../identity/access/current-caller.decorator.js';
import { Requires } from '../../identity/access/requires.decorator.js';
import type { Caller } from '../../identity/caller.js';
import { SessionDirectory } from '../../identity/sessions/session-directory.js';
import { onePerson } from '../one-person.js';
import { Describe } from '../openapi/describe.decorator.js';
import { formatPosition, parsePosition } from '../page-cursor.js';
import { readParameters } from '../read-parameters.js';
import { refuseQuery } from '../refuse-query.js';
import { holdScope } from './hold-scope.js';
import { LegalHolds } from './legal-holds.service.js';
import { ListedHolds } from './listed-holds.js';

/** What must not be erased and must not expire, for as long as somebody needs it as evidence. */
@Controller()
export class HoldsController {
  constructor(
    @Inject(LegalHolds) private readonly holds: LegalHolds,
    @Inject(ListedHolds) private readonly listed: ListedHolds,
    @Inject(SessionDirectory) private readonly directory: SessionDirectory,
  ) {}

  @Get(PATHS.holds)
  @Requires({ scope: SCOPES.holdsRead, roles: ['owner', 'auditor'] })
  @Describe({
    id: 'listHolds',
    summary: 'List legal holds, newest first: what they cover, who made them, and who released them.',
    query: holdsQuerySchema,
    answer: holdPageSchema,
  })
  async list(@Query() raw: unknown): Promise<HoldPage> {
    const { state, limit, cursor } = readParameters(holdsQuerySchema, raw);
    const after = cursor === undefined ? {} : { after: parsePosition(cursor) };
    const found = await this.holds.list({ all: state === 'all', ...after, limit });
    const holds = fitPage(await this.listed.holds(found.slice(0, limit)));
    const last = found[holds.length - 1];
    return { holds, nextCursor: last && holds.length < found.length ? formatPosition(last) : null };
  }

  @Post(PATHS.holds)
  @HttpCode(200)
  @Requires({ scope: SCOPES.holdsWrite, roles: ['owner'], fresh: true })
  @Describe({
    id: 'createHold',
    summary: 'Put records under legal hold: those of a person, of a server, of some time, or everything.',
    body: holdRequestSchema,
    answer: holdSchema,
  })
  async create(
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ListedHold> {
    refuseQuery(query);
    const wanted = readParameters(holdRequestSchema, body);
    const person = wanted.person === undefined ? null : await onePerson(wanted.person, this.directory);
    const hold = await this.holds.create({ caller, address }, wanted.name, holdScope(wanted, person));
    return this.listed.hold(hold);
  }

  @Post(`${PATHS.holds}/:id/release`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.holdsWrite, roles: ['owner'], fresh: true })
  @Describe({
    id: 'releaseHold',
    summary: 'Release a legal hold: what it alone covered may be erased and may expire from now on.',
    path: holdParametersSchema,
    body: holdReleaseSchema,
    answer: holdSchema,
  })
  async release(
    @Param() parameters: unknown,
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ListedHold> {
    refuseQuery(query);
    const { id } = readParameters(holdParametersSchema, parameters);
    const { reason } = readParameters(holdReleaseSchema, body);
    return this.listed.hold(await this.holds.release({ caller, address }, id, reason));
  }
}

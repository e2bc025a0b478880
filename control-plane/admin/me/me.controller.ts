import { Body, Controller, Get, HttpCode, Inject, Ip, Post, Query } from '@nestjs/common';
import { disownedSchema, disownSchema, type Disowned } from '#shared/api/disowned-sessions.js';
import {
  ownActivityQuerySchema,
  ownActivitySchema,
  type OwnActivity,
  type OwnSession,
} from '#shared/api/own-activity.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AuditService } from '../../audit/audit.service.js';
import { CurrentCaller } from '../../identity/access/current-caller.decorator.js';
import { Requires } from '../../identity/access/requires.decorator.js';
import { AuthorizationServer } from '../../identity/authorization-server/authorization-server.js';
import type { Caller } from '../../identity/caller.js';
import { SessionDirectory } from '../../identity/sessions/session-directory.js';
import { auditRead } from '../audit-read.js';
import { Describe } from '../openapi/describe.decorator.js';
import { readParameters } from '../read-parameters.js';
import { refuseQuery } from '../refuse-query.js';
import { DisownedSessions } from './disowned-sessions.js';

/** What everyone sees and does about their own account: no parameter names a person, the token alone does. */
@Controller()
export class MeController {
  constructor(
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(SessionDirectory) private readonly directory: SessionDirectory,
    @Inject(AuthorizationServer) private readonly clients: Pick<AuthorizationServer, 'clientNames'>,
    @Inject(DisownedSessions) private readonly disowned: DisownedSessions,
  ) {}

  @Get(PATHS.ownActivity)
  @Requires({ scope: SCOPES.auditRead })
  @Describe({
    id: 'listOwnActivity',
    summary: 'What was called as the caller: by sign-in, app, server and tool, without arguments and results.',
    query: ownActivityQuerySchema,
    answer: ownActivitySchema,
  })
  async activity(@Query() raw: unknown, @CurrentCaller() caller: Caller, @Ip() address: string): Promise<OwnActivity> {
    const query = readParameters(ownActivityQuerySchema, raw);
    await this.audit.write(auditRead({ caller, address }, { activity: query }));
    const { id } = caller.session.person;
    const { calls, more } = await this.audit.ownActivity(id, query);
    return { sessions: await this.#sessions(id, new Set(calls.flatMap(({ session }) => session ?? []))), calls, more };
  }

  @Post(PATHS.disownedSessions)
  @HttpCode(200)
  @Requires({ scope: SCOPES.sessionsWrite, fresh: true })
  @Describe({
    id: 'disownSessions',
    summary: 'Say that one of one’s own sessions, or all, were somebody else: they end, and an alarm is raised.',
    body: disownSchema,
    answer: disownedSchema,
  })
  async disown(
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<Disowned> {
    refuseQuery(query);
    return this.disowned.disown({ caller, address }, readParameters(disownSchema, body));
  }

  async #sessions(person: string, ids: ReadonlySet<string>): Promise<OwnSession[]> {
    const sessions = [...(await this.directory.ownSessions(person, [...ids])).values()];
    const names = await this.clients.clientNames(sessions.map(({ clientId }) => clientId));
    return sessions.map(({ id, clientId, deviceName, address, createdAt, live }) => ({
      id,
      client: clientId,
      title: names.get(clientId)!.title,
      device: deviceName,
      address,
      createdAt: new Date(createdAt).toISOString(),
      live,
    }));
  }
}

import { Controller, Delete, Get, Inject, Ip, Param, Query } from '@nestjs/common';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import {
  endedSchema,
  sessionPageSchema,
  sessionParametersSchema,
  sessionsQuerySchema,
  type Ended,
  type ListedSession,
  type SessionPage,
} from '#shared/api/sessions.js';
import { CodedError } from '#shared/errors.js';
import { fitPage } from '../audit/page-size.js';
import { CurrentCaller, CurrentReach } from '../identity/access/current-caller.decorator.js';
import { Requires, type Reach } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import type { SessionSummary } from '../identity/sessions/list-sessions.js';
import { SessionDirectory } from '../identity/sessions/session-directory.js';
import { Describe } from './openapi/describe.decorator.js';
import { formatPosition, parsePosition } from './page-cursor.js';
import { peopleOf } from './people-of.js';
import { personFilter } from './person-filter.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';
import { SessionEndings } from './session-endings.js';
import { SUPPORT_ROLES } from './support-roles.js';

/** Live sign-ins: seen and ended by support, and by the person whose they are. */
@Controller()
export class SessionsController {
  constructor(
    @Inject(SessionDirectory) private readonly directory: SessionDirectory,
    @Inject(SessionEndings) private readonly endings: SessionEndings,
  ) {}

  @Get(PATHS.sessions)
  @Requires({ scope: SCOPES.sessionsRead, roles: SUPPORT_ROLES, own: true })
  @Describe({
    id: 'listSessions',
    summary: 'List live sessions, newest first. With `user=me` everyone sees their own.',
    query: sessionsQuerySchema,
    answer: sessionPageSchema,
  })
  async list(
    @Query() raw: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
  ): Promise<SessionPage> {
    const { user, limit, cursor } = readParameters(sessionsQuerySchema, raw);
    const people = await peopleOf(personFilter(user, caller, reach), this.directory);
    const after = cursor === undefined ? {} : { after: parsePosition(cursor) };
    const found = await this.directory.sessions({ ...people, ...after, limit });
    const sessions = fitPage(found.slice(0, limit).map((session) => listed(session, caller)));
    const last = found[sessions.length - 1];
    return { sessions, nextCursor: last && sessions.length < found.length ? formatPosition(last) : null };
  }

  @Delete(`${PATHS.sessions}/:id`)
  @Requires({ scope: SCOPES.sessionsWrite, roles: SUPPORT_ROLES, own: true, fresh: true })
  @Describe({
    id: 'endSession',
    summary: 'End a session: refused from its next call on. Everyone may end their own.',
    path: sessionParametersSchema,
    answer: endedSchema,
  })
  async end(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
    @Ip() address: string,
  ): Promise<Ended> {
    refuseQuery(query);
    const { id } = readParameters(sessionParametersSchema, parameters);
    const owner = await this.directory.ownerOf(id);
    if (owner === undefined || (reach === 'own' && owner !== caller.session.person.id)) throw noSuchSession();
    return { ended: await this.endings.end({ actor: { caller, address }, owner, sessions: [id], target: id }) };
  }
}

function listed(session: SessionSummary, caller: Caller): ListedSession {
  const { id, person, clientId, deviceName, address, authTime, createdAt, lastUsedAt, expiresAt } = session;
  return {
    id,
    person,
    client: clientId,
    device: deviceName,
    address,
    createdAt: rfc3339(createdAt),
    signedInAt: authTime === 0 ? null : rfc3339(authTime),
    lastUsedAt: rfc3339(lastUsedAt),
    expiresAt: rfc3339(expiresAt),
    current: id === caller.session.id,
  };
}

function rfc3339(time: number): string {
  return new Date(time).toISOString();
}

/** The same for one that never was, that has ended, and that is somebody else's: nobody learns which. */
function noSuchSession(): CodedError {
  return new CodedError('not_found', { message: 'There is no such live session. List them to see their ids.' });
}

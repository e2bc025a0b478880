import { Controller, Delete, Get, Inject, Ip, Param, Query } from '@nestjs/common';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import {
  endedSchema,
  sessionPageSchema,
  sessionParametersSchema,
  sessionSchema,
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
import { AuthorizationServer } from '../identity/authorization-server/authorization-server.js';
import type { SessionSummary } from '../identity/sessions/list-sessions.js';
import { SessionDirectory } from '../identity/sessions/session-directory.js';
import { Describe } from './openapi/describe.decorator.js';
import { formatPosition, parsePosition } from './page-cursor.js';
import { listedSession } from './listed-session.js';
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
    @Inject(AuthorizationServer) private readonly clients: Pick<AuthorizationServer, 'clientNames'>,
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
    const sessions = fitPage(await this.#listed(found.slice(0, limit), caller));
    const last = found[sessions.length - 1];
    return { sessions, nextCursor: last && sessions.length < found.length ? formatPosition(last) : null };
  }

  @Get(`${PATHS.sessions}/:id`)
  @Requires({ scope: SCOPES.sessionsRead, roles: SUPPORT_ROLES, own: true })
  @Describe({
    id: 'getSession',
    summary: 'One live session. Everyone may see their own.',
    path: sessionParametersSchema,
    answer: sessionSchema,
  })
  async show(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
  ): Promise<ListedSession> {
    const [listed] = await this.#listed([await this.#within(reach, caller, parameters, query)], caller);
    return listed!;
  }

  @Delete(`${PATHS.sessions}/:id`)
  @Requires({ scope: SCOPES.sessionsWrite, roles: SUPPORT_ROLES, own: true, fresh: true })
  @Describe({
    id: 'endSession',
    summary: 'End a session and those derived from it: refused from the next call on. Everyone may end their own.',
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
    const session = await this.#within(reach, caller, parameters, query);
    const sessions = await this.directory.endingWith(session.id);
    return {
      ended: await this.endings.end({
        actor: { caller, address },
        owner: session.person.id,
        sessions,
        target: session.id,
      }),
    };
  }

  /** The session that a path names. Throws `not_found`. */
  async #within(reach: Reach, caller: Caller, parameters: unknown, query: unknown): Promise<SessionSummary> {
    refuseQuery(query);
    const { id } = readParameters(sessionParametersSchema, parameters);
    const session = await this.directory.session(id);
    if (!session || (reach === 'own' && session.person.id !== caller.session.person.id)) throw noSuchSession();
    return session;
  }

  async #listed(sessions: readonly SessionSummary[], { session: own }: Caller): Promise<ListedSession[]> {
    const names = await this.clients.clientNames(sessions.map(({ clientId }) => clientId));
    return sessions.map((session) => listedSession(session, names.get(session.clientId)!, own.id));
  }
}

/** The same for one that never was, that has ended, and that is somebody else's: nobody learns which. */
function noSuchSession(): CodedError {
  return new CodedError('not_found', { message: 'There is no such live session. List them to see their ids.' });
}

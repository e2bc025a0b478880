import { Controller, Delete, Get, Inject, Ip, Param, Query } from '@nestjs/common';
import { ME, PATHS, SCOPES } from '#shared/api/paths.js';
import { endedSchema, type Ended } from '#shared/api/sessions.js';
import {
  userPageSchema,
  userParametersSchema,
  usersQuerySchema,
  type ListedUser,
  type UserPage,
} from '#shared/api/users.js';
import { CodedError } from '#shared/errors.js';
import { fitPage } from '../audit/page-size.js';
import { CurrentCaller, CurrentReach } from '../identity/access/current-caller.decorator.js';
import { Requires, type Reach } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import type { PersonSummary } from '../identity/sessions/list-people.js';
import { SessionDirectory } from '../identity/sessions/session-directory.js';
import { Describe } from './openapi/describe.decorator.js';
import { formatPersonCursor, parsePersonCursor } from './page-cursor.js';
import { peopleOf } from './people-of.js';
import { personFilter } from './person-filter.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';
import { SessionEndings } from './session-endings.js';
import { SUPPORT_ROLES } from './support-roles.js';

/** The people who have signed in here. */
@Controller()
export class UsersController {
  constructor(
    @Inject(SessionDirectory) private readonly directory: SessionDirectory,
    @Inject(SessionEndings) private readonly endings: SessionEndings,
  ) {}

  @Get(PATHS.users)
  @Requires({ scope: SCOPES.usersRead, roles: SUPPORT_ROLES })
  @Describe({
    id: 'listUsers',
    summary: 'List people, with the groups of their live sessions and when they last used one.',
    query: usersQuerySchema,
    answer: userPageSchema,
  })
  async list(@Query() raw: unknown, @CurrentCaller() caller: Caller, @CurrentReach() reach: Reach): Promise<UserPage> {
    const { user, limit, cursor } = readParameters(usersQuerySchema, raw);
    const people = await peopleOf(personFilter(user, caller, reach), this.directory);
    const after = cursor === undefined ? {} : { after: parsePersonCursor(cursor) };
    const found = await this.directory.people({ ...people, ...after, limit });
    const users = fitPage(found.slice(0, limit).map(listed));
    const last = users.at(-1);
    return { users, nextCursor: last && users.length < found.length ? formatPersonCursor(last.id) : null };
  }

  @Delete(`${PATHS.users}/:id/sessions`)
  @Requires({ scope: SCOPES.sessionsWrite, roles: SUPPORT_ROLES, own: true, fresh: true })
  @Describe({
    id: 'endSessionsOfUser',
    summary: 'End all live sessions of a person. Everyone may end their own, as `me`.',
    path: userParametersSchema,
    answer: endedSchema,
  })
  async endSessions(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
    @Ip() address: string,
  ): Promise<Ended> {
    refuseQuery(query);
    const { id } = readParameters(userParametersSchema, parameters);
    const self = caller.session.person.id;
    const owner = id === ME ? self : id;
    if ((reach === 'own' && owner !== self) || !(await this.directory.knows(owner))) throw noSuchPerson();
    return { ended: await this.endings.end({ actor: { caller, address }, owner, sessions: 'all', target: 'all' }) };
  }
}

function listed({ id, email, name, provider, groups, liveSessions, lastUsedAt }: PersonSummary): ListedUser {
  const lastUsed = lastUsedAt === null ? null : new Date(lastUsedAt).toISOString();
  return { id, email, name, provider, groups: [...groups], liveSessions, lastUsedAt: lastUsed };
}

/** The same for an unknown person and for somebody else: nobody learns who exists. */
function noSuchPerson(): CodedError {
  return new CodedError('not_found', { message: 'There is no such person. List people: mcp-sso admin users.' });
}

import { Controller, Delete, Get, Inject, Ip, Param, Query } from '@nestjs/common';
import {
  connectionPageSchema,
  connectionParametersSchema,
  connectionSchema,
  connectionsQuerySchema,
  type ConnectionPage,
  type ListedConnection,
} from '#shared/api/connections.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import type { NewRecord } from '../audit/record.js';
import { fitPage } from '../audit/page-size.js';
import type { EndedBy } from '../credentials/connections/connection.js';
import { ConnectionDirectory } from '../credentials/connections/connection-directory.js';
import { ConnectionsService } from '../credentials/connections/connections.service.js';
import { CurrentCaller, CurrentReach } from '../identity/access/current-caller.decorator.js';
import { Requires, type Reach } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { SessionDirectory } from '../identity/sessions/session-directory.js';
import { actorOf, type Actor } from './actor.js';
import { listedConnections } from './listed-connection.js';
import { Describe } from './openapi/describe.decorator.js';
import { formatPosition, parsePosition } from './page-cursor.js';
import { peopleOf } from './people-of.js';
import { personFilter } from './person-filter.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';
import { SUPPORT_ROLES } from './support-roles.js';

/** People's own accounts at MCP servers: that they are connected, and their end. Never what opens them. */
@Controller()
export class ConnectionsController {
  constructor(
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(ConnectionDirectory) private readonly directory: ConnectionDirectory,
    @Inject(SessionDirectory) private readonly people: SessionDirectory,
    @Inject(AuditService) private readonly audit: AuditService,
  ) {}

  @Get(PATHS.connections)
  @Requires({ scope: SCOPES.connectionsRead, roles: SUPPORT_ROLES, own: true })
  @Describe({
    id: 'listConnections',
    summary: 'List people’s own accounts at MCP servers, newest first. With `user=me` everyone sees their own.',
    query: connectionsQuerySchema,
    answer: connectionPageSchema,
  })
  async list(
    @Query() raw: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
    @Ip() address: string,
  ): Promise<ConnectionPage> {
    const query = readParameters(connectionsQuerySchema, raw);
    const { user, server, limit, cursor } = query;
    const after = cursor === undefined ? {} : { after: parsePosition(cursor) };
    const filter = personFilter(user, caller, reach);
    const { person, groups } = caller.session;
    const isOwn = filter.kind === 'one' && filter.id === person.id;
    if (!isOwn) await this.audit.write(connectionRead({ caller, address }, query));
    const people = await peopleOf(filter, this.people);
    const at = server === undefined ? {} : { server };
    const found = await this.directory.page({ ...people, ...at, ...after, limit });
    const connections = fitPage(await listedConnections(found.slice(0, limit), this.people));
    const last = found[connections.length - 1];
    return {
      connections,
      nextCursor: last && connections.length < found.length ? formatPosition(last) : null,
      connectable: isOwn && cursor === undefined ? this.directory.connectable({ person, groups }) : [],
    };
  }

  @Delete(`${PATHS.connections}/:id`)
  @Requires({ scope: SCOPES.connectionsWrite, roles: ['admin', 'owner'], own: true, fresh: true })
  @Describe({
    id: 'endConnection',
    summary: 'End a connection: no call uses it any more, and its tokens are revoked. Everyone may end their own.',
    path: connectionParametersSchema,
    answer: connectionSchema,
  })
  async end(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
    @Ip() address: string,
  ): Promise<ListedConnection> {
    refuseQuery(query);
    const { id } = readParameters(connectionParametersSchema, parameters);
    const found = await this.directory.find(id);
    const isOwn = found?.person === caller.session.person.id;
    if (!found || (reach === 'own' && !isOwn)) throw noSuchConnection();
    const reason = isOwn ? 'revoked by the person' : 'revoked by an administrator';
    const ended = await this.connections.end(id, endedBy({ caller, address }, reason));
    if (!ended) throw noSuchConnection();
    return (await listedConnections([ended], this.people))[0]!;
  }
}

/** The same for one that never was, that has ended, and that is somebody else's: nobody learns which. */
function noSuchConnection(): CodedError {
  return new CodedError('not_found', { message: 'There is no such connection. List them to see their ids.' });
}

/** That somebody is about to read of the connections of others; `filters` is what they asked for. */
function connectionRead(actor: Actor, filters: object): NewRecord {
  const { subject, facts, personal } = actorOf(actor);
  const detail = JSON.stringify(filters);
  return { type: 'connection.read', phase: 'event', subject, facts, personal: { ...personal, detail } };
}

function endedBy(actor: Actor, reason: string): EndedBy {
  const { facts, personal } = actorOf(actor);
  const { person } = actor.caller.session;
  return { person: person.id, session: facts.session, client: facts.client, personal, reason };
}

import { Controller, Get, Inject, Ip, Param, Query } from '@nestjs/common';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import {
  serverListSchema,
  serverOutputSchema,
  serverParametersSchema,
  type ListedServer,
  type ServerList,
  type ServerOutput,
} from '#shared/api/servers.js';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import { CredentialHealth } from '../credentials/credential-health.service.js';
import type { CredentialState } from '../credentials/credential-state.js';
import { CurrentCaller } from '../identity/access/current-caller.decorator.js';
import { Requires } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import type { Health } from '../upstreams/server-health.js';
import type { ServerOverview } from '../upstreams/server-overview.js';
import { UpstreamsService } from '../upstreams/upstreams.service.js';
import { actorOf } from './actor.js';
import { Describe } from './openapi/describe.decorator.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';

/** The MCP servers, for those who run them. */
@Controller()
export class ServersController {
  constructor(
    @Inject(UpstreamsService) private readonly upstreams: UpstreamsService,
    @Inject(CredentialHealth) private readonly credentials: CredentialHealth,
    @Inject(AuditService) private readonly audit: AuditService,
  ) {}

  @Get(PATHS.servers)
  @Requires({ scope: SCOPES.serversRead, roles: ['admin', 'owner'] })
  @Describe({
    id: 'listServers',
    summary: 'List the MCP servers with their health, as this replica last saw them.',
    answer: serverListSchema,
  })
  list(@Query() query: unknown): ServerList {
    refuseQuery(query);
    return { servers: this.upstreams.overview().map((server) => listed(server, this.credentials.of(server.id))) };
  }

  /** A server may repeat there what people asked it, so that somebody read it is on record. */
  @Get(`${PATHS.servers}/:id/stderr`)
  @Requires({ scope: SCOPES.serversRead, roles: ['admin', 'owner'] })
  @Describe({
    id: 'readServerOutput',
    summary: 'Read the last lines that a hosted server said beside its messages.',
    path: serverParametersSchema,
    answer: serverOutputSchema,
  })
  async output(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ServerOutput> {
    refuseQuery(query);
    const { id } = readParameters(serverParametersSchema, parameters);
    const lines = this.upstreams.outputOf(id);
    if (lines === undefined) {
      throw new CodedError('not_found', { message: 'The control plane runs no server of this id.' });
    }
    const { subject, facts, personal } = actorOf({ caller, address });
    const type = 'server.output-read';
    await this.audit.write({ type, phase: 'event', subject, facts: { ...facts, server: id }, personal });
    return { lines: lines.map(({ at, pid, text }) => ({ at: timeText(at), pid, text })) };
  }
}

function listed(
  { id, title, transport, health, processes }: ServerOverview,
  credentials: readonly CredentialState[],
): ListedServer {
  const { era, answeredAt, failure } = health;
  return {
    id,
    title,
    transport,
    era: era ?? null,
    state: stateOf(health),
    lastAnswerAt: answeredAt === undefined ? null : timeText(answeredAt),
    lastFailure: failure === undefined ? null : { code: failure.code, at: timeText(failure.at) },
    credentials: credentials.map(({ kind, state, since, detail }) => ({
      kind,
      state,
      since: since === null ? null : timeText(since),
      detail,
    })),
    processes: processes.map(({ pid, startedAt, busy }) => ({ pid, startedAt: timeText(startedAt), busy })),
  };
}

function stateOf({ answeredAt, failure }: Health): ListedServer['state'] {
  if (answeredAt === undefined && failure === undefined) return 'unused';
  return (failure?.at ?? 0) >= (answeredAt ?? 0) ? 'failing' : 'answering';
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}

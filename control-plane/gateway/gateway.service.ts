import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { AuditService } from '../audit/audit.service.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { CredentialsService } from '../credentials/credentials.service.js';
import { IdentityService } from '../identity/identity.service.js';
import { Logger } from '../observability/logger.js';
import { PolicyService } from '../policy/policy.service.js';
import { StorageService } from '../storage/storage.service.js';
import { UpstreamsService } from '../upstreams/upstreams.service.js';
import { BodiesUnderWay } from './bodies-under-way.js';
import { CallsInFlight } from './calls-in-flight.js';
import { AbsentServers } from './lists/absent-servers.js';
import { ClientSessions } from './client-sessions.js';
import { ClientRequests } from './input/client-requests.js';
import { ParkedCalls } from './input/parked-calls.js';
import { RequestStates } from './input/request-state.js';
import { KnownTargets } from './lists/known-targets.js';
import { EVERY_LIST, ListChanges } from './lists/list-changes.js';
import { addMcpRoutes } from './mcp-routes.js';

/** Milliseconds that calls under way have to end when the process stops. */
const GRACE = 10_000;

/** The one way in for MCP: puts `/mcp` and `/mcp/{server}` on the HTTP server and ends calls when they must end. */
@Injectable()
export class GatewayService implements OnModuleInit, BeforeApplicationShutdown {
  /** Whoever changes what people may use announces it here. */
  readonly changes = new ListChanges();
  readonly #calls: CallsInFlight;
  readonly #parked = new ParkedCalls();

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(IdentityService) private readonly identity: IdentityService,
    @Inject(PolicyService) private readonly policy: PolicyService,
    @Inject(CredentialsService) private readonly credentials: CredentialsService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(UpstreamsService) private readonly upstreams: UpstreamsService,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    this.#calls = new CallsInFlight(config.settings.limits);
  }

  onModuleInit(): void {
    const { publicUrl, servers, limits } = this.config.settings;
    const { identity, policy, credentials, audit, upstreams, storage, logger } = this;
    addMcpRoutes(this.host.httpAdapter.getInstance<FastifyInstance>(), {
      publicUrl,
      servers,
      limits,
      identity,
      policy,
      credentials,
      audit,
      upstreams,
      storage,
      logger,
      clientSessions: new ClientSessions(),
      clientRequests: new ClientRequests(),
      parked: this.#parked,
      states: new RequestStates(storage),
      bodies: new BodiesUnderWay(),
      calls: this.#calls,
      known: new KnownTargets(),
      absent: new AbsentServers((server) => this.changes.announce({ server, lists: EVERY_LIST })),
      changes: this.changes,
    });
    identity.onSessionEnded((session) => {
      this.#calls.endSession(session);
      this.#parked.endSession(session);
      upstreams.endPartition(session);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#parked.close();
    await this.#calls.close(GRACE);
  }
}

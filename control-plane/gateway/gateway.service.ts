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
import { KnownTargets } from './lists/known-targets.js';
import { SilentServers } from './lists/silent-servers.js';
import { addMcpRoutes } from './mcp-routes.js';

/** Milliseconds that calls under way have to end when the process stops. */
const GRACE = 10_000;

/** The one way in for MCP: puts `/mcp` and `/mcp/{server}` on the HTTP server and ends calls when they must end. */
@Injectable()
export class GatewayService implements OnModuleInit, BeforeApplicationShutdown {
  readonly #calls = new CallsInFlight();

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
  ) {}

  onModuleInit(): void {
    const { publicUrl, servers } = this.config.settings;
    const { identity, policy, credentials, audit, upstreams, storage, logger } = this;
    addMcpRoutes(this.host.httpAdapter.getInstance<FastifyInstance>(), {
      publicUrl,
      servers,
      identity,
      policy,
      credentials,
      audit,
      upstreams,
      storage,
      logger,
      bodies: new BodiesUnderWay(),
      calls: this.#calls,
      known: new KnownTargets(),
      silent: new SilentServers(),
    });
    identity.onSessionEnded((session) => {
      this.#calls.endSession(session);
      upstreams.endPartition(session);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#calls.close(GRACE);
  }
}

import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import type { Revision } from '../catalog/revision.js';
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
import type { Parts } from './parts.js';

/** Milliseconds that calls under way have to end when the process stops. */
const GRACE = 10_000;

/** The one way in for MCP: puts `/mcp` and `/mcp/{server}` on the HTTP server and ends calls when they must end. */
@Injectable()
export class GatewayService implements OnModuleInit, BeforeApplicationShutdown {
  readonly #calls = new CallsInFlight();
  readonly #bodies = new BodiesUnderWay();
  #parts: Parts | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
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
    this.catalog.follow((revision) => () => (this.#parts = this.#partsOf(revision)));
    addMcpRoutes(this.host.httpAdapter.getInstance<FastifyInstance>(), this.#current());
    this.identity.onSessionEnded((session) => {
      this.#calls.endSession(session);
      this.upstreams.endPartition(session);
    });
  }

  #current(): Parts {
    this.catalog.current();
    if (this.#parts === undefined) throw new CodedError('internal', { detail: 'the gateway has not started' });
    return this.#parts;
  }

  #partsOf({ servers }: Revision): Parts {
    const { identity, policy, audit, storage, logger } = this;
    return {
      confirm: () => this.catalog.confirm(),
      current: () => this.#current(),
      publicUrl: this.config.settings.publicUrl,
      servers,
      identity,
      policy,
      credentials: this.credentials.at(servers),
      audit,
      upstreams: this.upstreams.at(servers),
      storage,
      logger,
      bodies: this.#bodies,
      calls: this.#calls,
      known: new KnownTargets(),
      silent: new SilentServers(),
    };
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#calls.close(GRACE);
  }
}

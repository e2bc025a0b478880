import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import type { Revision } from '../catalog/revision.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { ConnectionsService } from '../credentials/connections/connections.service.js';
import { CredentialHealth } from '../credentials/credential-health.service.js';
import { CredentialsService } from '../credentials/credentials.service.js';
import { IdentityService } from '../identity/identity.service.js';
import { Logger } from '../observability/logger.js';
import { RequestObserver } from '../observability/requests/request-observer.js';
import { ApprovalsService } from '../policy/approvals/approvals.service.js';
import { boundRevision } from '../policy/bound-revision.js';
import { DefinitionsService } from '../policy/definitions/definitions.service.js';
import { LiveGrants } from '../policy/grants/live-grants.js';
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
import { CutLists } from './lists/cut-lists.js';
import { FaultyTools } from './lists/faulty-tools.js';
import { KnownTargets } from './lists/known-targets.js';
import { EVERY_LIST, ListChanges } from './lists/list-changes.js';
import { addMcpRoutes } from './mcp-routes.js';
import type { Parts } from './parts.js';

/** Milliseconds that calls under way have to end when the process stops. */
const GRACE = 10_000;

/** The one way in for MCP: puts `/mcp` and `/mcp/{server}` on the HTTP server and ends calls when they must end. */
@Injectable()
export class GatewayService implements OnModuleInit, BeforeApplicationShutdown {
  /** Whoever changes what people may use announces it here. */
  readonly changes = new ListChanges();
  readonly #bodies: BodiesUnderWay;
  readonly #clientSessions: ClientSessions;
  readonly #clientRequests: ClientRequests;
  readonly #calls: CallsInFlight;
  readonly #parked: ParkedCalls;
  readonly #states: RequestStates;
  #parts: Parts | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(IdentityService) private readonly identity: IdentityService,
    @Inject(PolicyService) private readonly policy: PolicyService,
    @Inject(ApprovalsService) private readonly approvals: ApprovalsService,
    @Inject(DefinitionsService) private readonly definitions: DefinitionsService,
    @Inject(LiveGrants) private readonly grants: LiveGrants,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(CredentialsService) private readonly credentials: CredentialsService,
    @Inject(CredentialHealth) private readonly credentialHealth: CredentialHealth,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(UpstreamsService) private readonly upstreams: UpstreamsService,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(RequestObserver) private readonly observer: RequestObserver,
  ) {
    const { limits } = config.settings;
    this.#bodies = new BodiesUnderWay(limits);
    this.#calls = new CallsInFlight(limits);
    this.#clientSessions = new ClientSessions(limits);
    this.#clientRequests = new ClientRequests(limits);
    this.#parked = new ParkedCalls(identity, limits);
    this.#states = new RequestStates(storage, limits);
    observer.watch(() => this.#calls.counts);
  }

  onModuleInit(): void {
    this.catalog.follow((revision) => () => this.#serve(this.#partsOf(revision)));
    addMcpRoutes(this.host.httpAdapter.getInstance<FastifyInstance>(), this.#current());
    this.definitions.onDecided((server) => this.changes.announce({ server, lists: ['tools'] }));
    this.connections.onMade((person) => this.changes.announce({ server: undefined, person, lists: EVERY_LIST }));
    this.grants.onChanged((person) => this.changes.announce({ server: undefined, person, lists: EVERY_LIST }));
    this.identity.onSessionEnded((session) => {
      this.#calls.endSession(session);
      this.#parked.endSession(session);
      this.#clientSessions.endSignIn(session);
      this.upstreams.endPartition(session);
    });
  }

  /** What decides is in memory; where that may be older than the database, the database is asked. */
  async #confirm(): Promise<void> {
    await this.catalog.confirm();
    await this.definitions.confirm();
    await this.grants.confirm();
  }

  #current(): Parts {
    this.catalog.current();
    if (this.#parts === undefined) throw new CodedError('internal', { detail: 'the gateway has not started' });
    return this.#parts;
  }

  /** From here on new calls see this revision; what goes on from before follows it. */
  #serve(parts: Parts): void {
    this.#parts = parts;
    const { revision } = this.policy;
    this.#parked.keep((binding) => binding.revision === boundRevision(parts, binding.server, revision));
    this.changes.announce({ server: undefined, lists: EVERY_LIST });
  }

  #partsOf({ servers }: Revision): Parts {
    const { identity, policy, approvals, connections, definitions, audit, storage, logger, changes } = this;
    const previous = this.#parts;
    return {
      confirm: () => this.#confirm(),
      current: () => this.#current(),
      publicUrl: this.config.settings.publicUrl,
      servers,
      limits: this.config.settings.limits,
      identity,
      policy,
      approvals,
      connections,
      definitions,
      credentials: this.credentialHealth.watch(this.credentials.at(servers), servers),
      credentialHealth: this.credentialHealth,
      audit,
      capture: this.config.settings.audit.capture,
      upstreams: this.upstreams.at(servers),
      storage,
      logger,
      observer: this.observer,
      clientSessions: this.#clientSessions,
      clientRequests: this.#clientRequests,
      parked: this.#parked,
      states: this.#states,
      bodies: this.#bodies,
      calls: this.#calls,
      known: previous?.known.carriedOver((id) => previous.servers[id] === servers[id]) ?? this.#known(),
      absent: new AbsentServers((server) => changes.announce({ server, lists: EVERY_LIST })),
      cut: new CutLists(),
      faulty: new FaultyTools(),
      changes,
    };
  }

  /** Arguments that policies judged and headers that the server reads must agree also in a process that has listed nothing yet. */
  #known(): KnownTargets {
    return new KnownTargets((server, tool) => this.definitions.inputSchemaOf(server, tool));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#parked.close();
    await this.#calls.close(GRACE);
  }
}

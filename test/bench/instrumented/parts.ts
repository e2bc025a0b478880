import type { INestApplicationContext } from '@nestjs/common';
import { AuditService } from '../../../control-plane/audit/audit.service.js';
import { ActiveCatalog } from '../../../control-plane/catalog/active-catalog.js';
import type { LoadedConfig } from '../../../control-plane/config/settings.js';
import { CredentialHealth } from '../../../control-plane/credentials/credential-health.service.js';
import { CredentialsService } from '../../../control-plane/credentials/credentials.service.js';
import { BodiesUnderWay } from '../../../control-plane/gateway/bodies-under-way.js';
import { CallsInFlight } from '../../../control-plane/gateway/calls-in-flight.js';
import { ClientSessions } from '../../../control-plane/gateway/client-sessions.js';
import { ClientRequests } from '../../../control-plane/gateway/input/client-requests.js';
import { ParkedCalls } from '../../../control-plane/gateway/input/parked-calls.js';
import { RequestStates } from '../../../control-plane/gateway/input/request-state.js';
import { AbsentServers } from '../../../control-plane/gateway/lists/absent-servers.js';
import { CutLists } from '../../../control-plane/gateway/lists/cut-lists.js';
import { FaultyTools } from '../../../control-plane/gateway/lists/faulty-tools.js';
import { KnownTargets } from '../../../control-plane/gateway/lists/known-targets.js';
import { ListChanges } from '../../../control-plane/gateway/lists/list-changes.js';
import type { Parts } from '../../../control-plane/gateway/parts.js';
import { ConnectionsService } from '../../../control-plane/credentials/connections/connections.service.js';
import { IdentityService } from '../../../control-plane/identity/identity.service.js';
import { Logger } from '../../../control-plane/observability/logger.js';
import { RequestObserver } from '../../../control-plane/observability/requests/request-observer.js';
import { ApprovalsService } from '../../../control-plane/policy/approvals/approvals.service.js';
import { DefinitionsService } from '../../../control-plane/policy/definitions/definitions.service.js';
import { PolicyService } from '../../../control-plane/policy/policy.service.js';
import { StorageService } from '../../../control-plane/storage/storage.service.js';
import { UpstreamsService } from '../../../control-plane/upstreams/upstreams.service.js';

/** What the steps work with, of the active revision, as `GatewayService` puts it together. */
export function partsOf(app: INestApplicationContext, { settings }: LoadedConfig): Parts {
  const { servers } = app.get(ActiveCatalog).current();
  const identity = app.get(IdentityService);
  const storage = app.get(StorageService);
  const parts: Parts = {
    confirm: () => app.get(ActiveCatalog).confirm(),
    current: () => parts,
    publicUrl: settings.publicUrl,
    servers,
    limits: settings.limits,
    identity,
    policy: app.get(PolicyService),
    approvals: app.get(ApprovalsService, { strict: false }),
    connections: app.get(ConnectionsService, { strict: false }),
    definitions: app.get(DefinitionsService),
    credentials: app.get(CredentialsService).at(servers),
    credentialHealth: app.get(CredentialHealth, { strict: false }),
    audit: app.get(AuditService),
    capture: settings.audit.capture,
    upstreams: app.get(UpstreamsService).at(servers),
    storage,
    logger: app.get(Logger),
    observer: app.get(RequestObserver, { strict: false }),
    clientSessions: new ClientSessions(settings.limits),
    clientRequests: new ClientRequests(settings.limits),
    parked: new ParkedCalls(identity, settings.limits),
    states: new RequestStates(storage, settings.limits),
    bodies: new BodiesUnderWay(settings.limits),
    calls: new CallsInFlight(settings.limits),
    known: new KnownTargets(),
    cut: new CutLists(),
    faulty: new FaultyTools(),
    absent: new AbsentServers(() => undefined),
    changes: new ListChanges(),
  };
  return parts;
}

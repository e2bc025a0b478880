import type { AuditService } from '../audit/audit.service.js';
import type { CaptureSettings } from '../config/audit-settings.js';
import type { Limits } from '../config/limits.js';
import type { Settings } from '../config/settings.js';
import type { ConnectionsService } from '../credentials/connections/connections.service.js';
import type { CredentialHealth } from '../credentials/credential-health.service.js';
import type { CredentialResolver } from '../credentials/credential-scope.js';
import type { Logger } from '../observability/logger.js';
import type { RequestObserver } from '../observability/requests/request-observer.js';
import type { ApprovalsService } from '../policy/approvals/approvals.service.js';
import type { DefinitionsService } from '../policy/definitions/definitions.service.js';
import type { PolicyService } from '../policy/policy.service.js';
import type { StorageService } from '../storage/storage.service.js';
import type { Upstreams } from '../upstreams/upstreams.service.js';
import type { Identifier } from './call/identify.js';
import type { BodiesUnderWay } from './bodies-under-way.js';
import type { CallsInFlight } from './calls-in-flight.js';
import type { ClientSessions } from './client-sessions.js';
import type { ClientRequests } from './input/client-requests.js';
import type { ParkedCalls } from './input/parked-calls.js';
import type { RequestStates } from './input/request-state.js';
import type { AbsentServers } from './lists/absent-servers.js';
import type { CutLists } from './lists/cut-lists.js';
import type { FaultyTools } from './lists/faulty-tools.js';
import type { KnownTargets } from './lists/known-targets.js';
import type { ListChanges } from './lists/list-changes.js';

/** What the steps of a call work with. Servers, credentials and upstreams are those of one revision of the catalog. */
export interface Parts {
  /** Where the active revision may have changed unheard, brings it into force. Rejects with `database_unavailable`. */
  readonly confirm: () => Promise<void>;
  /** The same for the revision that is active now. Throws `policy_failed` while none may be served. */
  readonly current: () => Parts;
  readonly publicUrl: string;
  readonly servers: Settings['servers'];
  readonly limits: Limits;
  readonly identity: Identifier;
  readonly policy: Pick<PolicyService, 'decide' | 'decided' | 'judge' | 'readsOf' | 'revision' | 'wouldAllow'>;
  readonly approvals: Pick<ApprovalsService, 'use' | 'goOn' | 'ask' | 'look' | 'waitFor'>;
  readonly connections: Pick<ConnectionsService, 'need' | 'ask' | 'look' | 'waitFor'>;
  readonly definitions: Pick<DefinitionsService, 'observe' | 'heldBack' | 'acceptedTools' | 'pinOf'>;
  readonly credentials: CredentialResolver;
  readonly credentialHealth: Pick<CredentialHealth, 'accepted' | 'refused'>;
  readonly audit: Pick<AuditService, 'write' | 'requireTrueTime' | 'hashArguments' | 'newResultHash'>;
  /** What records keep of arguments and results. */
  readonly capture: CaptureSettings;
  readonly upstreams: Upstreams;
  readonly storage: Pick<StorageService, 'seal' | 'open'>;
  readonly clientSessions: ClientSessions;
  readonly clientRequests: ClientRequests;
  readonly parked: ParkedCalls;
  readonly states: RequestStates;
  readonly bodies: BodiesUnderWay;
  readonly calls: CallsInFlight;
  readonly known: KnownTargets;
  readonly absent: AbsentServers;
  readonly cut: CutLists;
  readonly faulty: FaultyTools;
  readonly changes: ListChanges;
  readonly logger: Logger;
  /** Metrics and traces. */
  readonly observer: Pick<RequestObserver, 'begin' | 'end' | 'refused' | 'sessionEnded' | 'showsAddresses'>;
}

export function serverExists(parts: Pick<Parts, 'servers'>, server: string): boolean {
  return Object.hasOwn(parts.servers, server);
}

import type { KIND_OF_TYPE } from '#shared/audit-log/record-kinds.js';
import type { ChainMark } from '#shared/mcp/agent-chain.js';
import type { CaptureSettings } from '../config/audit-settings.js';
import type { RecordedAgent } from './recorded-agent.js';

/** What the rest of the product hands to the audit. The split below is the one that the log keeps for ever. */
export interface NewRecord {
  readonly type: RecordType;
  readonly phase: 'event' | 'intent' | 'outcome';
  /** The intent's id, on an outcome. */
  readonly ref?: string;
  /** Ids and facts that name no person: part of the Merkle leaf, never erased. */
  readonly facts: RecordFacts;
  /** Whose key seals `personal`: a person's id, or `system`. */
  readonly subject: string;
  /** Personal or free-text data: sealed, only its commitment is in the leaf. */
  readonly personal: RecordPersonal;
}

/** Every kind of record; `docs/audit-record.md` says what each is and which control it serves. How long it is kept goes by its kind: without one it does not compile. */
export const RECORD_TYPES = [
  'tool.call',
  'resource.read',
  'prompt.get',
  'method.use',
  'list',
  'auth.sign-in',
  'auth.sign-out',
  'auth.refused',
  'auth.session-ended',
  'scim.user',
  'scim.group',
  'auth.revocation',
  'auth.grace',
  'auth.break-glass',
  'audit.read',
  'audit.expire',
  'admin.refused',
  'server.output-read',
  'session.end',
  'session.disown',
  'person.erase',
  'hold.create',
  'hold.release',
  'secret.set',
  'secret.retire',
  'key.rewrap',
  'connection.read',
  'connection.request',
  'connection.make',
  'connection.refuse',
  'connection.refresh',
  'connection.end',
  'connection.revoke',
  'signing-key.rotate',
  'catalog.activate',
  'catalog.refuse',
  'config.change',
  'approval.request',
  'approval.decide',
  'approval.use',
  'grant.request',
  'grant.give',
  'grant.refuse',
  'grant.end',
  'grant.review',
  'review.hold',
  'review.decide',
  'policy.candidate',
  'policy.replay',
  'system.start',
  'system.resume',
  'system.stop',
] as const satisfies readonly (keyof typeof KIND_OF_TYPE)[];
export type RecordType = (typeof RECORD_TYPES)[number];

export interface RecordFacts {
  readonly person?: string;
  /** The person whom it was done to, where that is another than `person`, or may be. */
  readonly affected?: string;
  readonly session?: string;
  readonly client?: string;
  /** Who acted for the person, nearest first (RFC 8693 §4.1). */
  readonly actors?: readonly string[];
  readonly server?: string;
  /** Host and port of its address, and how it is spoken to, by the settings of then. */
  readonly serverHost?: string;
  readonly transport?: 'streamable-http' | 'sse' | 'stdio';
  /** A name; in place of what a client spelled freely (`personal.target`) its keyed hash: `target-hash.ts`. */
  readonly target?: string;
  readonly decision?: 'allow' | 'deny';
  readonly policies?: readonly string[];
  /** SHA-256 (hex) of the policy files that decided, and the number of the catalog revision that they are of. */
  readonly policyRevision?: string;
  readonly catalogRevision?: number;
  /** Server and kind of the credential that was used, never its value. */
  readonly credential?: string;
  readonly credentialOf?: 'person' | 'company';
  /** Of a secret in our own store. */
  readonly credentialVersion?: number;
  readonly code?: string;
  /** Ids of the approval and the grant that a call used, or that the record is about. */
  readonly approval?: string;
  readonly grant?: string;
  /** Of the person's own account at a server. */
  readonly connection?: string;
  readonly outcome?: 'ok' | 'tool_error' | 'error' | 'cancelled' | 'unknown';
  readonly durationMs?: number;
  /** Number of the catalog revision that was active before. */
  readonly parent?: number;
  /** Hex, of a catalog revision or a directory. */
  readonly sha256?: string;
  /** Of the answer, as the client got it. */
  readonly bytes?: number;
  /** W3C Trace Context, as hexadecimal digits: the trace, our span of this request, and the span that asked for it. */
  readonly trace?: string;
  readonly span?: string;
  readonly parentSpan?: string;
  /** The trace of the HTTP request, where the message itself belongs to another. */
  readonly linkedTrace?: string;
  /** How sure it is which agent asked for it: the weakest part of what `personal.agent` says. */
  readonly chain?: ChainMark;
  /** How and when the sign-in was proved: `acr`, `amr` and `auth_time` of the ID token, the last as epoch milliseconds. */
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly authTime?: number;
  /** Where the identity provider says that the device is managed. */
  readonly managedDevice?: 'yes';
  /** Keyed hash of `personal.groups`, which outlives them: `groups-hash.ts`. */
  readonly groupsHash?: string;
  /** Thumbprint (RFC 7638) of the key that the token is bound to: which installation of the bridge, proved by DPoP. */
  readonly deviceKey?: string;
  /** Levels of `audit.capture` that counted for the call. */
  readonly capturesArguments?: CaptureSettings['arguments'];
  readonly capturesResults?: CaptureSettings['results'];
  /** Version of MCP that the client speaks. */
  readonly protocol?: string;
  readonly requestBytes?: number;
  /** HTTP status of the server’s answer. */
  readonly status?: number;
  /** Places at which an injected secret was masked in the answer. */
  readonly redactions?: number;
  /** Microseconds that the policies took. */
  readonly decisionMicros?: number;
  /** SHA-256 (hex) of the accepted definition of the tool that was called. */
  readonly pin?: string;
  /** Keyed hashes (HMAC-SHA256, hex) of the settings that a control plane started with, and of those of the start before. */
  readonly settings?: string;
  readonly settingsBefore?: string;
  /** Top-level keys of `mcp-sso.yaml` that differ between them. */
  readonly keys?: readonly string[];
  /** Of `audit.expire`: how many records lost their personal part, and the ids of the first and the last of them. */
  readonly records?: number;
  readonly first?: string;
  readonly last?: string;
  /** Which process of a control plane wrote it: 16 hexadecimal digits, new at each start. */
  readonly replica?: string;
}

export interface RecordPersonal {
  /** Who the person is: issuer and subject of the identity provider. */
  readonly issuer?: string;
  readonly subject?: string;
  /** The provider's own session (`sid` of the ID token). */
  readonly idpSession?: string;
  readonly email?: string;
  readonly name?: string;
  readonly claimedClient?: { readonly name: string; readonly version: string };
  readonly address?: string;
  /** TCP port at that address, where no proxy stands between. */
  readonly port?: number;
  readonly device?: string;
  /** What the bridge says of itself and of its computer: its own claim. */
  readonly claimedBridge?: { readonly version: string; readonly system: string };
  readonly reason?: string;
  /** The URI, or whatever else the client spelled: the audit puts its keyed hash in the facts. */
  readonly target?: string;
  /** Keyed hash (HMAC-SHA256, hex) of the canonical arguments. */
  readonly argumentsHash?: string;
  /** What the policy read of the call, as JSON: `policy/recorded-input.ts`. */
  readonly policyInput?: string;
  /** The person's groups as of the call. */
  readonly groups?: readonly string[];
  /** JSON of the arguments, and of the result or the error, as `audit.capture` says; for auditors alone. */
  readonly arguments?: string;
  readonly result?: string;
  /** The captured text was longer than `audit.capture.maxBytes`. */
  readonly truncated?: boolean;
  /** Keyed hash (HMAC-SHA256, hex) of the bytes of the result. */
  readonly resultHash?: string;
  /** What the client says of itself (the bridge: `mcp-sso/VERSION (OS ARCH)`), and the client's own id of its request. */
  readonly userAgent?: string;
  readonly requestId?: string;
  /** The filters of an audit read, the name of a secret that was set … */
  readonly detail?: string;
  /** Which agent of the person's app asked for it. */
  readonly agent?: RecordedAgent;
}

/** Resolves only when the record is durable; rejects with `audit_unavailable`. */
export interface AuditWriter {
  write(record: NewRecord): Promise<{ readonly id: string }>;
}

import type { AgentChain } from '#shared/mcp/agent-chain.js';

/** A live sign-in, as every call reads it from memory. */
export interface Session {
  readonly id: string;
  readonly person: Person;
  readonly clientId: string;
  readonly deviceName: string | null;
  readonly address: string;
  /** `<provider>/<group>`; missing or truncated groups are no groups. */
  readonly groups: readonly string[];
  readonly acr: string | null;
  readonly amr: readonly string[];
  /** When the person last proved who they are; 0 where the IdP does not say. Epoch milliseconds, as are all times here. */
  readonly authTime: number;
  readonly idpCheckedAt: number;
  readonly createdAt: number;
  /** As the database has it, which calls reach within a minute or so. */
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  readonly kind: SessionKind;
  /** Who acts for the person, nearest first (RFC 8693 §4.1); empty where they act themselves. */
  readonly actors: readonly string[];
  /** Seconds without use after which it ends; null where it has no such limit. */
  readonly idleSeconds: number | null;
  /** The IdP's own session (`sid` of the ID token), by which it announces a logout. */
  readonly idpSession: string | null;
  /** Whether the IdP said when it was last asked that the device is managed (`managedDevice` of its settings). */
  readonly managedDevice: boolean;
}

/** Who got in: a person by the IdP, a machine by its key, or an operator by a code made on the server's host. */
export type SessionKind = 'person' | 'service' | 'break-glass';

export interface Person {
  readonly id: string; // usr_…
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly name: string | null;
}

/** Whom a request was proved to come from. */
export interface Caller {
  readonly session: Session;
  readonly scopes: readonly string[];
  /** The resource that the token was made for. */
  readonly audience: string;
  /** When the token ends; a stream may outlive it only while the sign-in is confirmed. */
  readonly tokenExpiresAt: number;
  /** Thumbprint of the key that the token is bound to, where it is (RFC 9449 §6). */
  readonly key?: string;
  /** What the bridge says in the proof of that key of the agents in front of it. */
  readonly chain?: AgentChain;
}

/** What `identify` needs of a request; the URL is built from `publicUrl`, never from the Host header. */
export interface Credentials {
  readonly method: string;
  readonly url: string;
  /** Raw values, one entry per header line: two lines are an attack and refused. */
  readonly authorization: readonly string[];
  readonly dpop: readonly string[];
  /** Resources (RFC 8707) whose tokens are accepted here. */
  readonly audiences: readonly string[];
}

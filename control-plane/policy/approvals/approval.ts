import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { Person } from '../../identity/caller.js';
import type { ApprovalDemand } from '../approval-demand.js';

/** A call that policy permits if somebody else approves it. */
export interface ApprovalCall {
  readonly person: Person;
  /** Who acts for the person, nearest first (RFC 8693 §4.1): what is approved for one is approved for nobody else. */
  readonly actors: readonly string[];
  /** The sign-in that asks; the request ends with it. */
  readonly session: string;
  readonly server: string;
  readonly target: string;
  readonly method: string;
  /** As they will leave, without the envelope and what a retry adds. */
  readonly params: JsonObject;
  readonly demand: ApprovalDemand;
  /** `boundRevision` of what permits it. */
  readonly revision: string;
}

/** `ended`: its sign-in has ended, or the policies or the server's settings have changed since. */
export type ApprovalState = 'open' | 'approved' | 'refused' | 'used' | 'expired' | 'ended';

/** What a requester may know of their request. */
export interface AskedApproval {
  readonly id: string;
  readonly state: ApprovalState;
  readonly demand: ApprovalDemand;
  /** Epoch milliseconds. */
  readonly askedAt: number;
  readonly expiresAt: number;
  /** Said by whoever refused it. */
  readonly refusal: string | null;
}

/** An approval that a call has used. A server that asks in between gets the rest of the same call by it. */
export interface UsedApproval {
  readonly id: string;
  /** Which round of the call used it last; each counts once, on all replicas. */
  readonly usedAt: number;
}

export type Verdict = 'approve' | 'refuse';

/** Whoever looks at requests or decides them: proved by the IdP, not by a client. */
export interface Approver {
  readonly person: Person;
  readonly groups: readonly string[];
  /** As `Session.authTime`. */
  readonly authTime: number;
  readonly address: string;
  /** For the audit; a page has neither. */
  readonly session?: string;
  readonly client?: string;
}

/** A request as people see it. */
export interface ShownApproval {
  readonly id: string;
  readonly state: ApprovalState;
  readonly requester: Pick<Person, 'id' | 'email' | 'name'>;
  /** Who acts for the requester, nearest first; empty where they act themselves. */
  readonly actors: readonly string[];
  readonly server: string;
  readonly target: string;
  /** The policies' own words. */
  readonly reason: string;
  readonly groups: readonly (readonly string[])[];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly refusal: string | null;
  /** Readable; null for whoever may not see them, and where the call was made or refused. */
  readonly arguments: string | null;
  /** Whether the one who looks may decide it now. */
  readonly mine: boolean;
  readonly own: boolean;
}

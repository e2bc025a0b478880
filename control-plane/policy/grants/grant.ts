import { randomUUID } from 'node:crypto';
import type { NewRecord } from '../../audit/record.js';
import type { Role } from '../../config/settings.js';
import type { GrantUse } from '../decision.js';

/** What a grant opens: a server's tools, resources and prompts, or one tool alone. Names are compared as they are. */
export interface GrantTarget {
  readonly server: string;
  readonly tool: string | undefined;
}

/** What somebody may do for some time although no policy permits it. Times are epoch milliseconds. */
export interface Grant extends GrantTarget {
  readonly id: string; // gra_…
  readonly kind: GrantUse['kind'];
  readonly person: string;
  readonly reason: string;
  readonly createdBy: string;
  readonly createdAt: number;
  /** From this moment on it opens nothing. */
  readonly expiresAt: number;
}

/** A grant as people look back on it. */
export interface GrantHistory extends Grant {
  readonly endedAt: number | undefined;
  readonly endedBy: string | undefined;
  readonly reviewedAt: number | undefined;
  readonly reviewedBy: string | undefined;
}

export interface GrantRequest extends GrantTarget {
  readonly id: string; // grq_…
  readonly state: 'open' | 'granted' | 'refused';
  readonly person: string;
  readonly minutes: number;
  readonly reason: string;
  /** Id of the audit record of the denial. */
  readonly reference: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly decidedAt: number | undefined;
  readonly decidedBy: string | undefined;
  /** Why it was refused. */
  readonly answer: string | undefined;
  readonly grant: string | undefined;
}

/** Who asks, gives, takes or ends, by the sign-in of this moment. That it is fresh is for whoever lets them in. */
export interface Acting {
  readonly person: string;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  /** False for machines, and for agents that act for somebody. */
  readonly inPerson: boolean;
  /** What a record says of them. */
  readonly record: Pick<NewRecord, 'subject' | 'facts' | 'personal'>;
}

export const SERVER_REMOVED = 'server-removed';

export function newGrantId(): string {
  return `gra_${randomUUID().replaceAll('-', '')}`;
}

export function newRequestId(): string {
  return `grq_${randomUUID().replaceAll('-', '')}`;
}

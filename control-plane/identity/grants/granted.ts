import type { Person, Session } from '../caller.js';
import type { Access } from './requested-access.js';

/** What a grant comes to: whose session begins, and what its one token opens. Times are epoch milliseconds. */
export interface Granted
  extends Access, Pick<Session, 'kind' | 'groups' | 'acr' | 'amr' | 'authTime' | 'idpSession' | 'actors'> {
  readonly person: Person;
  /** When it was last vouched for. */
  readonly checkedAt: number;
  /** The session and its token end together, by then at the latest. */
  readonly until: number;
  /** The session that it was derived from and does not outlive. */
  readonly parent: string | null;
  /** The way it was done, for the record. */
  readonly detail: string;
  /** RFC 8693 §2.2.1. */
  readonly issuedTokenType?: string;
}

/** A request to the token endpoint whose client has been authenticated. */
export interface GrantRequest {
  readonly clientId: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly address: string;
  /** Thumbprint of the key that the request proves (RFC 9449 §5); undefined where it proves none. */
  readonly key: string | undefined;
  readonly now: number;
}

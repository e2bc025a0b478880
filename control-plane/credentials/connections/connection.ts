import type { Person } from '../../identity/caller.js';

/** What a person has at a server, as they and admins may see it: never its tokens. Times are epoch milliseconds. */
export interface Connection {
  readonly id: string; // con_…
  /** The id of the person. */
  readonly person: string;
  readonly server: string;
  /** Of the authorization server that gave the tokens. */
  readonly issuer: string;
  readonly scopes: readonly string[];
  /** `refused`: the server takes it no more, the person has to connect again. */
  readonly state: 'active' | 'refused';
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly refusedAt: number | null;
}

/** Somebody's call, or they themselves, want a connection that is not there. */
export interface AskedConnection {
  readonly id: string; // cnr_…
  readonly person: Person;
  readonly server: string;
  readonly state: 'open' | 'done' | 'refused' | 'expired';
  /** Which client of theirs asked, from which device and address; null where they asked on the page. */
  readonly by: { readonly client: string; readonly device: string | null; readonly address: string } | null;
  readonly askedAt: number;
  readonly expiresAt: number;
}

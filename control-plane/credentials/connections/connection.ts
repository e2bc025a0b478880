import type { RecordPersonal } from '../../audit/record.js';
import type { CredentialOf } from '../../config/credential-settings.js';
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

/** Whose connections, at which server; all where nothing is said. */
export interface ConnectionFilter {
  readonly person?: string;
  readonly server?: string;
}

/** Whoever connects: signed in on the page, or behind a live session. */
export interface Connecting {
  readonly person: Person;
  readonly groups: readonly string[];
}

/** What stands between a person and a server. */
export interface ConnectionNeed {
  readonly server: string;
  /** There is none, the server takes it no more, or it lacks scopes that the tool needs. */
  readonly why: 'none' | 'refused' | 'scopes';
}

/** A call that needs a connection, or the person's own wish to have one. */
export interface ConnectionCall {
  readonly person: Person;
  /** The sign-in that asks; null on the page and for the CLI. */
  readonly session: string | null;
  readonly server: string;
  /** Which client of theirs, on which device, from which address; null where they ask themselves. */
  readonly by: AskedConnection['by'];
  /** What the server or the settings want for this call, beyond what the connection has. */
  readonly scopes?: readonly string[];
}

/** Somebody's call, or they themselves, want a connection that is not there. */
export interface AskedConnection {
  readonly id: string; // cnr_…
  readonly person: Person;
  readonly server: string;
  readonly state: 'open' | 'done' | 'refused' | 'expired';
  /** Which client of theirs asked, from which device and address; null where they asked on the page. */
  readonly by: { readonly client: string; readonly device: string | null; readonly address: string } | null;
  /** Beyond what the server asks for anyway. */
  readonly scopes: readonly string[];
  readonly askedAt: number;
  readonly expiresAt: number;
}

/** What will be asked of the person at the authorization server, for the page that sends them there. */
export interface ConnectionPlan {
  readonly server: string;
  /** Where they will be sent. */
  readonly issuer: string;
  /** Empty where the authorization server decides. */
  readonly scopes: readonly string[];
}

/** Through which browser, and for which request if any. */
export interface ConnectionWay {
  readonly request: string | null;
  /** The value of a cookie that this browser alone has: at least 32 random bytes. */
  readonly browser: string;
}

/** A connection that has just been made, and which request led to it. */
export interface MadeConnection {
  readonly connection: Connection;
  readonly request: string | null;
}

/** Who ends a connection, for the record. */
export interface EndedBy {
  /** The id of the person who ends it; absent where the control plane does. */
  readonly person?: string;
  readonly session?: string | undefined;
  readonly client?: string | undefined;
  /** What is known of that person beside the id. */
  readonly personal?: RecordPersonal;
  readonly reason: string;
}

/** For what a token is needed. */
export interface TokenRequest {
  readonly person: string;
  readonly server: string;
  /** The server's address; undefined where we host it. */
  readonly url: string | undefined;
  readonly settings: CredentialOf<'oauth'>;
  /** The token has these scopes and no others where the server can do that; not set: what the connection has. */
  readonly scopes?: readonly string[] | undefined;
  /** A token that the server has just refused (HTTP 401): it is not given again. */
  readonly refused?: string | undefined;
}

import type { AgentChain } from '#shared/mcp/agent-chain.js';

/** Access tokens for requests to one control plane as one OAuth client. */
export interface TokenSource {
  /**
   * Headers for one request, refreshing under the lock when 80 % of the token's life is over. `chain`: what the proof says
   * of the agents behind it.
   * Throws CodedError sign_in_needed | network | credential_store | idp_unreachable.
   */
  authorize(method: string, url: string, chain?: AgentChain): Promise<RequestAuthorization>;
  /**
   * The server answered 401 to a request with these headers: their access token is not used again, and the server's
   * clock is adopted from its Date header. A token that has replaced it meanwhile stays.
   */
  refused(authorization: RequestAuthorization, serverDate: string | undefined): void;
}

/** The two headers of a DPoP-protected request (RFC 9449 §7.1); the proof is good for one request. */
export interface RequestAuthorization {
  readonly authorization: string;
  readonly dpop: string;
}

export interface SignInStart {
  /** What to open by hand. */
  readonly url: string;
  /** At a device login: what to type there. */
  readonly code?: string;
  /** Whether a browser was opened; false too where another process already shows the address. */
  readonly opened: boolean;
  /** Another process runs it in a browser, which it may have opened. */
  readonly joined?: boolean;
  /** Rejects with sign_in_failed | sign_in_expired | network | credential_store. */
  readonly completed: Promise<Account>;
}

/** Sign-in of one person at one control plane; used by the bridge's sign_in tool and by `login`. */
export interface SignIn {
  /** Whether a start that nobody asked for can reach the person: it opens a browser. */
  readonly startsByItself: boolean;
  /**
   * Starts a sign-in, or joins the one that this or another process of this person already runs.
   * `force`: the person asked for it (`login`, the tool `sign_in`), so the browser opens even if one was opened by
   * itself within the last ten minutes. Throws CodedError sign_in_needed (control plane never named by the person) |
   * network | credential_store | sign_in_failed | device_login_off.
   */
  begin(options: { openBrowser: boolean; force?: boolean }): Promise<SignInStart>;
  signedIn(): Promise<Account | undefined>;
  /** Calls back when tokens appear that were not there (another process signed in). Returns the way to stop listening. */
  onSignedIn(listener: () => void): () => void;
}

export interface Account {
  /** The control plane's person id. */
  readonly person: string;
  readonly name: string | null;
  readonly email: string | null;
}

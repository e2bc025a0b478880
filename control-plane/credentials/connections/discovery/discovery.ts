import type { CredentialOf } from '../../../config/credential-settings.js';
import type { GuardedFetch, Reach } from '../../../egress/guarded-fetch.js';
import { authorizationServer, type AuthorizationServer } from './authorization-server.js';
import { DiscoveryFault } from './discovery-fault.js';
import { protectedResource, type ProtectedResource } from './protected-resource.js';

/** Milliseconds for which an authorization server's metadata is used before it is read again. */
const REUSED_FOR = 600_000;
const MAX_KEPT = 1_000;

type OAuthSettings = CredentialOf<'oauth'>;

/** Who gives tokens for a server, and what they are to be asked for. */
export interface TokenSource {
  readonly server: AuthorizationServer;
  /** Of its issuer: where that may lie, by who named it. */
  readonly reach: Reach;
  /** RFC 8707; undefined where it is left out. */
  readonly resource: string | undefined;
  /** Undefined where nobody says: then the authorization server decides. */
  readonly scopes: readonly string[] | undefined;
}

/** Who gives tokens, and where that may lie. */
type NamedIssuer = Pick<TokenSource, 'reach'> & { readonly issuer: string };

interface Kept {
  readonly server: Promise<AuthorizationServer | undefined>;
  readonly until: number;
}

/** Finds the authorization servers of MCP servers: by the settings, else by what the servers publish. */
export class Discovery {
  readonly #kept = new Map<string, Kept>();

  constructor(private readonly fetch: GuardedFetch) {}

  /** For a person who is about to be sent there: the server is asked anew. Throws DiscoveryFault. */
  async find(url: string | undefined, settings: OAuthSettings): Promise<TokenSource> {
    const published = await this.#published(url, settings);
    const named = issuerOf(url, settings, published);
    const server = await this.serverAt(named, settings);
    requirePkce(server, settings);
    return {
      server,
      reach: named.reach,
      resource: settings.resource === 'none' ? undefined : (settings.resource ?? published?.resource ?? url),
      scopes: settings.scopes ?? published?.scopes,
    };
  }

  /** The one that gave the tokens of a connection. Throws DiscoveryFault. */
  async serverAt({ issuer, reach }: NamedIssuer, settings: OAuthSettings): Promise<AuthorizationServer> {
    const configured = configuredServer(settings);
    if (configured?.issuer === issuer) return configured;
    const found = await this.#metadata({ issuer, reach: settings.issuer === issuer ? 'private' : reach });
    if (found === undefined) throw nothingAt(issuer);
    return found;
  }

  async #published(url: string | undefined, settings: OAuthSettings): Promise<ProtectedResource | undefined> {
    if (url === undefined) return undefined;
    const isSaid = settings.issuer !== undefined || settings.authorizationEndpoint !== undefined;
    if (isSaid && settings.scopes !== undefined && settings.resource !== undefined) return undefined;
    try {
      return await protectedResource(this.fetch, url);
    } catch (error) {
      if (isSaid && error instanceof DiscoveryFault) return undefined;
      throw error;
    }
  }

  async #metadata({ issuer, reach }: NamedIssuer): Promise<AuthorizationServer | undefined> {
    // What may be asked for one server may not for another.
    const key = JSON.stringify([issuer, reach]);
    const kept = this.#kept.get(key);
    if (kept !== undefined && Date.now() < kept.until) return await kept.server;
    const entry = { server: authorizationServer(this.fetch, issuer, reach), until: Date.now() + REUSED_FOR };
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    try {
      const found = await entry.server;
      if (found === undefined) this.#forget(key, entry);
      return found;
    } catch (error) {
      this.#forget(key, entry);
      throw error;
    }
  }

  #forget(key: string, entry: Kept): void {
    if (this.#kept.get(key) === entry) this.#kept.delete(key);
  }
}

/** What the settings name may be private, and what a server names that is private itself; nothing that a public one names. */
function issuerOf(
  url: string | undefined,
  settings: OAuthSettings,
  published: ProtectedResource | undefined,
): NamedIssuer {
  const said = configuredServer(settings)?.issuer ?? settings.issuer;
  if (said !== undefined) return { issuer: said, reach: 'private' };
  const [issuer] = published?.authorizationServers ?? [];
  const own = url === undefined ? undefined : new URL(url).origin;
  if (published !== undefined && issuer !== undefined && URL.parse(issuer)?.origin !== own) {
    return { issuer, reach: published.reach };
  }
  // MCP 2025-03-26: a server that publishes nothing is its own authorization server.
  const named = issuer ?? own;
  if (named !== undefined) return { issuer: named, reach: 'private' };
  throw new DiscoveryFault('a hosted server publishes nothing', 'set issuer of the credential');
}

/** One that publishes no metadata; its origin stands for the issuer. */
function configuredServer({
  issuer,
  authorizationEndpoint,
  tokenEndpoint,
  revocationEndpoint,
}: OAuthSettings): AuthorizationServer | undefined {
  if (authorizationEndpoint === undefined || tokenEndpoint === undefined) return undefined;
  return {
    issuer: issuer ?? new URL(authorizationEndpoint).origin,
    authorization_endpoint: authorizationEndpoint,
    token_endpoint: tokenEndpoint,
    reach: 'private',
    ...(revocationEndpoint === undefined ? {} : { revocation_endpoint: revocationEndpoint }),
  };
}

/** MCP wants to see it before anybody is sent there. An admin who names the issuer vouches for it: some take it in silence. */
function requirePkce(
  { issuer, code_challenge_methods_supported: methods }: AuthorizationServer,
  settings: OAuthSettings,
): void {
  if (methods?.includes('S256') === true) return;
  if (methods === undefined && (settings.issuer ?? settings.authorizationEndpoint) !== undefined) return;
  throw new DiscoveryFault(
    `${issuer} does not say that it checks PKCE (S256)`,
    'if it does, set issuer of the credential to it; if it does not, it is not safe',
  );
}

function nothingAt(issuer: string): DiscoveryFault {
  return new DiscoveryFault(
    `${issuer} publishes no metadata`,
    'set issuer of the credential, or authorizationEndpoint and tokenEndpoint',
  );
}

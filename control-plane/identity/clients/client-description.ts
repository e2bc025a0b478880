import type { Client } from 'oidc-provider';
import { CLIENTS } from '#shared/api/paths.js';
import { isLoopbackRedirect, redirectHost } from '../../config/redirect-uri.js';
import type { PendingAuthorization } from '../authorization-server/pending-authorization.js';

/** How a client is shown to the person who lets it in. */
export interface ClientDescription {
  readonly id: string;
  readonly title: string;
  /** Completes “It will be able to …”. */
  readonly access: string;
  /** Of an app that did not come with mcp-sso. */
  readonly thirdParty: ThirdParty | null;
}

export interface ThirdParty {
  /** Its own claim. */
  readonly name: string | null;
  /** Who publishes what it says of itself; null where it has registered itself, so that nobody does. */
  readonly host: string | null;
  /** Where the browser, and with it the access, goes. */
  readonly redirectHost: string;
  /** Any program on the person's computer could be the one that gets the code. */
  readonly isLocal: boolean;
}

const MCP_ACCESS = 'use the MCP servers that your company’s policy opens to you';
/** By its ID token (OpenID Connect Core §5.4). */
const NAME_ACCESS = `${MCP_ACCESS} and learn your name and e-mail address`;
const BUILT_IN: ReadonlyMap<string, Pick<ClientDescription, 'title' | 'access'>> = new Map([
  [CLIENTS.bridge, { title: 'mcp-sso on this computer', access: MCP_ACCESS }],
  [
    CLIENTS.admin,
    { title: 'mcp-sso administration', access: 'read the audit log and whatever else your roles permit' },
  ],
]);

export function describeClient(
  client: Client,
  { redirectUri, started, scopes }: PendingAuthorization,
): ClientDescription {
  const id = client.clientId;
  const builtIn = BUILT_IN.get(id);
  if (builtIn) {
    // It runs somewhere else than the browser, and came by a code.
    const title = started === null ? builtIn.title : 'mcp-sso on another device';
    return { id, ...builtIn, title, thirdParty: null };
  }
  const thirdParty = thirdPartyOf(client, redirectUri ?? '');
  const access = scopes.includes('openid') ? NAME_ACCESS : MCP_ACCESS;
  return { id, title: titleOf(thirdParty), access, thirdParty };
}

/** What goes into the record of a sign-in. */
export function wayBackOf({ thirdParty }: ClientDescription): string {
  return thirdParty === null ? 'browser' : `browser, sent back to ${thirdParty.redirectHost}`;
}

function thirdPartyOf({ clientId, clientName }: Client, redirectUri: string): ThirdParty {
  return {
    name: clientName ?? null,
    host: clientId.startsWith('https:') ? new URL(clientId).host : null,
    redirectHost: redirectHost(redirectUri),
    isLocal: isLoopbackRedirect(redirectUri),
  };
}

/** Never the name: anyone can call an app anything. */
function titleOf({ host, redirectHost: target, isLocal }: ThirdParty): string {
  if (host !== null) return `the app of ${host}`;
  return isLocal ? 'an app on this computer' : `the app at ${target}`;
}

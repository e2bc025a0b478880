import type { AdapterPayload, ClientMetadata } from 'oidc-provider';
import { CLIENTS } from '#shared/api/paths.js';
import { isLoopbackRedirect, redirectHost } from '../../config/redirect-uri.js';

/** How lists name a client: the title is what we know of it, the name its own claim. */
export interface ClientName {
  readonly title: string;
  readonly claimedName: string | null;
}

type KnownMetadata = Pick<AdapterPayload, 'redirect_uris' | 'client_name'>;

const MAX_HOSTS = 3;
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  [CLIENTS.bridge, 'mcp-sso'],
  [CLIENTS.admin, 'mcp-sso administration'],
]);

/** One that came with mcp-sso, or that the settings name (`named`). */
export function ownClientName(id: string, named: readonly ClientMetadata[]): ClientName | undefined {
  const title = BUILT_IN.get(id) ?? named.find(({ client_id: known }) => known === id)?.client_id;
  return title === undefined ? undefined : { title, claimedName: null };
}

/** An app of another company, by what is known of it at this moment. */
export function thirdPartyName(id: string, metadata: KnownMetadata = {}): ClientName {
  return { title: titleOf(id, metadata.redirect_uris ?? []), claimedName: metadata.client_name ?? null };
}

/** Never its name: anyone can call an app anything. */
function titleOf(id: string, redirects: readonly string[]): string {
  if (id.startsWith('https:')) return `app of ${URL.parse(id)?.host ?? 'an unknown host'}`;
  if (redirects.length === 0) return 'app that registered itself';
  if (redirects.every((uri) => isLoopbackRedirect(uri))) return 'app on a computer';
  const hosts = [...new Set(redirects.map((uri) => redirectHost(uri)))];
  return `app at ${hosts.slice(0, MAX_HOSTS).join(', ')}${hosts.length > MAX_HOSTS ? ' and others' : ''}`;
}

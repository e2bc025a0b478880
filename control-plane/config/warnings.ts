import { isLoopback } from './address.js';
import { isolationOf } from './hosted-settings.js';
import { isSecretReference } from './store-reference.js';
import { isHosted, type HostedSettings, type Settings } from './settings.js';

/** What is allowed but deserves a sentence at `check` and in the log of each start. */
export function warningsOf(settings: Settings): string[] {
  const servers = Object.entries(settings.servers).flatMap(([id, server]) => {
    const key = `servers.${id}`;
    return isHosted(server) ? hosted(key, server) : plainHttp(key, server).concat(olderTransport(key, server));
  });
  const fromAnywhere =
    settings.identity.deviceLogin === 'anywhere'
      ? ['identity.deviceLogin: a code that somebody was talked into typing lets in a device anywhere']
      : [];
  return [...unnamedProxy(settings), ...fromAnywhere, ...servers];
}

/** The control plane speaks no TLS itself, so behind an https address there always is a proxy. */
function unnamedProxy({ publicUrl, trustedProxies, identity }: Settings): string[] {
  if (trustedProxies.length > 0 || !publicUrl.startsWith('https:')) return [];
  const blind = identity.deviceLogin === 'same-network' ? ', so identity.deviceLogin takes all for one network' : '';
  return [`trustedProxies: empty, so every client seems to come from the address of your TLS proxy${blind}`];
}

function plainHttp(key: string, { url, credential }: Settings['servers'][string]): string[] {
  const parsed = URL.parse(url ?? '');
  if (!credential || !parsed || parsed.protocol === 'https:' || isLoopback(parsed)) return [];
  return [`${key}.url: the credential travels over plain http, readable to the network`];
}

/** The transport is never guessed, and addresses of HTTP+SSE servers end so by custom. */
function olderTransport(key: string, { url, transport }: Settings['servers'][string]): string[] {
  const looksOlder = /\/sse\/?$/.test(URL.parse(url ?? '')?.pathname ?? '');
  if (!looksOlder || transport !== undefined) return [];
  return [
    `${key}.url: looks like a server of the older HTTP+SSE transport; write transport: sse if it is one, or streamable-http`,
  ];
}

const SECRET_NAME = /(TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

function hosted(key: string, { isolation, network, env }: HostedSettings): string[] {
  const none = isolationOf(isolation).kind === 'none';
  const written = Object.entries(env).filter(([name, text]) => {
    return SECRET_NAME.test(name) && !isSecretReference(text);
  });
  return [
    ...(none
      ? [`${key}.isolation: none lets this program read the master key, the database and whatever this user may read`]
      : []),
    ...(network === 'host' && !none
      ? [`${key}.network: host lets this program reach every service on this machine’s loopback`]
      : []),
    ...written.map(([name]) => `${key}.env.${name}: a secret seems to be written out; use secret:NAME instead`),
  ];
}

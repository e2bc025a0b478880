import { hostname } from 'node:os';
import { CodedError } from '#shared/errors.js';
import { startAuthorization } from '../../sign-in/authorization-code.js';
import { openSession } from '../../sign-in/open-session.js';
import { agentFor, exchange, type HttpReply } from '../../system/http.js';
import { found, known, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, skipped, type Found } from '../finding.js';

const PATIENCE = 5_000;
const MOST_HOPS = 4;
/** Nobody is there: the sign-in ends before it would lead back. */
const NOWHERE = 'http://127.0.0.1:1/callback';

/** Where a sign-in would lead, and whether a browser of this computer could open it. */
export const IDENTITY_PROVIDER: Check = {
  name: 'identity-provider',
  title: 'Identity provider',
  needs: ['settings', 'control-plane'],
  limit: PATIENCE + 3_000,
  code: 'idp_unreachable',
  run: async ({ context }, evidence) => {
    const settings = known(evidence, 'settings');
    const { origin } = known(evidence, 'origin');
    if (!settings.trusted.includes(origin))
      return found(skipped('No sign-in starts where nobody named the control plane.'));
    const { endpoint, resource } = openSession(context, 'bridge', settings);
    const parts = { ...endpoint, resource, scope: 'openid', deviceName: hostname() };
    try {
      const { url } = await startAuthorization(parts, NOWHERE);
      return found(await judgeWay(await followOwn(url, origin, endpoint.agent), context.env));
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return found(skipped(error.message));
    } finally {
      endpoint.agent.destroy();
    }
  },
};

/** Where the way led: to the address of another origin, or to a page or an error of the control plane. */
type Way = { readonly elsewhere: URL } | { readonly status: number };

/** As a browser with no cookies but those of this way, up to the first address that is not the control plane's. */
async function followOwn(start: string, origin: string, agent: Parameters<typeof exchange>[0]['agent']): Promise<Way> {
  let url = new URL(start);
  const cookies = new Map<string, string>();
  for (let hop = 0; hop < MOST_HOPS; hop += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await exchange({ method: 'GET', url: url.href, agent, headers: { cookie }, timeout: PATIENCE });
    for (const [name, value] of cookiesOf(reply)) cookies.set(name, value);
    const next = URL.parse(reply.headers.location ?? '', url.href);
    if (!next || reply.status < 300 || reply.status >= 400) return { status: reply.status };
    if (next.origin !== origin) return { elsewhere: next };
    url = next;
  }
  return { status: 0 };
}

function cookiesOf({ headers }: HttpReply): [string, string][] {
  return (headers['set-cookie'] ?? []).map((line) => {
    const pair = line.split(';', 1)[0]!;
    const at = pair.indexOf('=');
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  });
}

async function judgeWay(way: Way, env: Parameters<typeof agentFor>[1]): Promise<Found> {
  if ('status' in way) {
    if (way.status >= 500) return fault('identity-provider', 'idp_unreachable_there', way);
    return skipped('The control plane first asks who you are, so its identity provider is not known here.');
  }
  const { origin, host, protocol } = way.elsewhere;
  if (protocol !== 'https:' && protocol !== 'http:') return skipped('The sign-in leads to no web address.');
  const agent = agentFor(origin, env);
  try {
    // Whatever it answers: a name, a connection and a certificate are what a browser needs.
    await exchange({ method: 'GET', url: `${origin}/`, agent, timeout: PATIENCE });
    return ok(`A sign-in leads to ${host}, which answers.`);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    if ((error.cause as { code?: unknown }).code === 'ERR_TOO_LARGE')
      return ok(`A sign-in leads to ${host}, which answers.`);
    return fault('identity-provider', 'idp_unreachable_here', { host, problem: error.message });
  } finally {
    agent.destroy();
  }
}

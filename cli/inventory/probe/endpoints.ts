import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Endpoint, Problem } from '#shared/api/inventory.js';
import { isEveryAddress, isLoopback } from '../classification/address.js';
import type { Found } from './conversation.js';
import { inPace, type Pace } from './pace.js';
import { probePort } from './probe-port.js';
import type { ProbeTarget } from './probe-target.js';

/** Asks every target, at a pace. `left`: those that there was no time for. */
export async function findEndpoints(
  targets: readonly ProbeTarget[],
  pace: Pace,
): Promise<{ endpoints: Endpoint[]; left: number }> {
  const { results, left } = await inPace(targets, pace, async (target) => {
    const found = await probePort(target);
    return Promise.all(found.map((one) => endpointOf(one, target)));
  });
  const endpoints = results.flat().toSorted((one, other) => (one.url < other.url ? -1 : 1));
  return { endpoints: eachOnce(endpoints), left };
}

async function endpointOf(found: Found, target: ProbeTarget): Promise<Endpoint> {
  const { bind, owner, host } = target;
  const known = { ...found, tools: found.tools && [...found.tools], found: target.found, bind, owner };
  return { ...known, hostName: await hostNameOf(host), problems: problemsOf(found, target) };
}

function problemsOf({ state, url }: Found, { bind, host }: ProbeTarget): Problem[] {
  const problems: Problem[] = [];
  const open = state === 'open';
  if (open) problems.push('answers-without-login');
  if (open && bind !== null && isEveryAddress(bind)) problems.push('bound-to-every-address');
  const remote = !isLoopback(host) || (bind !== null && !isLoopback(bind));
  if (remote && (open || state === 'protected') && url.startsWith('http:')) problems.push('unencrypted-address');
  return problems;
}

/** One socket may be reached by two names of loopback: the first that says the same is enough. */
function eachOnce(endpoints: readonly Endpoint[]): Endpoint[] {
  return [...new Map(endpoints.map((endpoint) => [endpoint.url, endpoint])).values()];
}

/** The name of an address in DNS, which says more of its owner than the number; null where there is none in time. */
async function hostNameOf(host: string): Promise<string | null> {
  if (isIP(host) === 0 || isLoopback(host)) return null;
  const [name] = await new Resolver({ timeout: 1000, tries: 1 }).reverse(host).catch(() => []);
  return name ?? null;
}

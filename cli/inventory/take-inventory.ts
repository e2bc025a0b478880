import { hostname } from 'node:os';
import type { Endpoint, Inventory } from '#shared/api/inventory.js';
import { configuredServers, type ConfigSearch } from './configured-servers.js';
import { findEndpoints } from './probe/endpoints.js';
import { localTargets } from './probe/local-targets.js';
import type { ProbeTarget } from './probe/probe-target.js';

/** What to look at. Nothing on a network is asked unless it is given here. */
export interface InventoryRequest {
  readonly configs: ConfigSearch;
  readonly listening: boolean;
  /** Of `--net` and `--hosts`. */
  readonly targets: readonly ProbeTarget[];
  /** Milliseconds for the network. */
  readonly networkPatience: number;
  readonly now: Date;
}

/** Polite enough for printers and other small machines, and for whoever watches the network. */
const PACE = { atOnce: 64, perSecond: 200 } as const;

export async function takeInventory(request: InventoryRequest): Promise<Inventory> {
  const { configs, listening, targets, networkPatience, now } = request;
  const found = await configuredServers(configs);
  const local = listening ? await localTargets(process.platform) : [];
  const gaps = [...found.gaps, ...(local ? [] : [NOT_LISTED])];
  const all = [...(local ?? []), ...targets];
  const deadline = performance.now() + networkPatience;
  const { endpoints, left } = await findEndpoints(all, { ...PACE, deadline });
  if (left > 0)
    gaps.push(`${left} of ${all.length} ports were not asked: it took too long. Give smaller ranges, one run each.`);
  return {
    version: 1,
    at: now.toISOString(),
    machine: { name: hostname(), platform: process.platform },
    servers: found.servers,
    endpoints: [...endpoints],
    unread: found.unread,
    looked: { ...found.looked, addresses: new Set(all.map(({ host }) => host)).size },
    gaps,
  };
}

const NOT_LISTED = `--listening was not run: only Linux lists listening sockets as this reads them, and this is ${process.platform}. Name ports in a file for --hosts, as 127.0.0.1:3000.`;

/** Places that answer strangers. */
export function openEndpoints({ endpoints }: Inventory): Endpoint[] {
  return endpoints.filter(({ state }) => state === 'open');
}

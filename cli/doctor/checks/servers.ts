import { asCoded, CodedError } from '#shared/errors.js';
import { SERVER_ID } from '#shared/mcp/names.js';
import { askMcp } from '../../sign-in/mcp-endpoint.js';
import { askServers, type NamedServers } from '../../sign-in/named-servers.js';
import type { ControlPlaneSession } from '../../sign-in/open-session.js';
import { printable } from '../../system/printable.js';
import { found, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, type Found } from '../finding.js';

/** Milliseconds. */
const SLOW = 3_000;
/** Lists asked for at the same time. */
const WIDTH = 4;

type Server = NamedServers[number];

/** Each MCP server that the person may use: whether it lists its tools, how long that takes, what it waits for. */
export const SERVERS: Check = {
  name: 'servers',
  title: 'Servers',
  needs: ['session', 'control-plane'],
  limit: 12_000,
  code: 'upstream_timeout',
  run: async (_scene, evidence) => {
    const { session } = evidence;
    if (!session) return found();
    try {
      const servers = (await askServers(session)).filter(({ id }) => SERVER_ID.test(id));
      if (servers.length === 0) return found(fault('servers', 'no_servers', {}));
      return found(...(await judgeEach(servers, (server) => tryServer(session, server))));
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return found(fault('servers', 'servers_unknown', { why: error.message }));
    }
  },
};

async function judgeEach(servers: readonly Server[], judge: (server: Server) => Promise<Found[]>): Promise<Found[]> {
  const all = servers.map((): Found[] => []);
  const waiting = [...servers.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) all[next[0]] = await judge(next[1]);
  };
  await Promise.all(Array.from({ length: WIDTH }, work));
  return all.flat();
}

async function tryServer(session: ControlPlaneSession, server: Server): Promise<Found[]> {
  // Asked although the description may say that it is not reachable: that waits for two seconds only.
  const started = performance.now();
  try {
    const { tools } = await askMcp(session, 'tools/list', {}, server.id);
    const milliseconds = Math.round(performance.now() - started);
    return judgeServer(server, { tools: Array.isArray(tools) ? tools.length : 0, milliseconds });
  } catch (error) {
    return [judgeFailure(server.id, asCoded(error))];
  }
}

export function judgeServer(
  { id: server, connect, cutBy, waiting = 0 }: Server,
  { tools, milliseconds }: { readonly tools: number; readonly milliseconds: number },
): Found[] {
  const faults = [
    ...(connect === undefined ? [] : [fault('servers', 'connection_wanted', { server })]),
    ...(waiting === 0 ? [] : [fault('servers', 'tools_waiting', { server, count: waiting })]),
    ...(cutBy === undefined ? [] : [fault('servers', 'list_cut', { server, limit: printable(cutBy) })]),
    ...(milliseconds < SLOW ? [] : [fault('servers', 'server_slow', { server, milliseconds })]),
  ];
  return faults.length > 0 ? faults : [ok(`${server} lists ${tools} tools, after ${milliseconds} ms.`)];
}

export function judgeFailure(server: string, { code, message }: CodedError): Found {
  if (code === 'upstream_unreachable') return fault('servers', 'server_silent', { server });
  if (code === 'connection_needed' || code === 'connection_refused')
    return fault('servers', 'connection_wanted', { server });
  return fault('servers', 'server_failing', { server, why: message });
}

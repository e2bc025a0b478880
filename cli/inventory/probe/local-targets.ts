import { accountsByUid } from '../sources/homes.js';
import { listeningSockets } from './listening-sockets.js';
import { schemesOf, USUAL_PATHS, type ProbeTarget } from './probe-target.js';
import { socketHolders } from './socket-owners.js';

/** Services that are no web server: some print, log or lock out whoever says something else. */
const NEVER_ASKED: ReadonlySet<number> = new Set([
  21, 22, 23, 25, 53, 110, 111, 139, 143, 389, 445, 465, 515, 587, 636, 993, 995, 1433, 1521, 2049, 3306, 3389, 5432,
  5900, 6379, 6443, 9100, 11211, 27017,
]);

/** The ports that listen on this machine, each with its owner; undefined where this system does not list them as Linux does. */
export async function localTargets(platform: NodeJS.Platform): Promise<ProbeTarget[] | undefined> {
  if (platform !== 'linux') return undefined;
  const sockets = (await listeningSockets()).filter(({ port }) => !NEVER_ASKED.has(port));
  const holders = await socketHolders(new Set(sockets.map(({ inode }) => inode)));
  const accounts = await accountsByUid();
  return sockets.map(({ address, port, uid, inode }) => {
    const { pid = null, process = null } = holders.get(inode) ?? {};
    return {
      host: reachable(address),
      port,
      schemes: schemesOf(port),
      paths: USUAL_PATHS,
      found: 'listening',
      bind: address,
      owner: { pid, process, user: accounts.get(uid) ?? String(uid) },
    };
  });
}

function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

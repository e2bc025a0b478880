import type { Server } from 'node:http';
import type { SilentConnections } from './silent-connections.js';

const SWEEP_MS = 50;

/**
 * Stops accepting, lets requests under way finish, and cuts what is left after the grace period.
 * Resolves to false where something had to be cut. A listener that is not open counts as drained. Connections that are
 * known to be `silent` are not waited for.
 */
export async function drain(server: Server, graceMs: number, silent?: SilentConnections): Promise<boolean> {
  if (!server.listening) return true;
  let finished = true;
  // A connection that was kept alive before the stop would otherwise hold the listener open without any request.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    silent?.close();
  }, SWEEP_MS);
  const cut = setTimeout(() => {
    finished = false;
    server.closeAllConnections();
  }, graceMs);
  try {
    await new Promise<void>((resolve) => server.close(() => resolve()));
    return finished;
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}

import { found, known, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, skipped } from '../finding.js';
import { openSocket } from '../network/open-socket.js';
import { reasonOf } from '../network/reason.js';

const PATIENCE = 4_000;
const SILENT: ReadonlySet<string> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Whether something takes connections at the control plane's address. */
export const CONNECTION: Check = {
  name: 'connection',
  title: 'Connection',
  needs: ['settings', 'proxy', 'dns'],
  limit: PATIENCE + 1_000,
  code: 'network',
  run: async (_scene, evidence, signal) => {
    const [origin, route] = [known(evidence, 'origin'), known(evidence, 'route')];
    const { host } = origin;
    if (route.kind === 'proxy') return found(skipped('The proxy connects.'));
    const patience = AbortSignal.timeout(PATIENCE);
    const started = performance.now();
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    patience.addEventListener('abort', () => reject(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })));
    try {
      const socket = await Promise.race([openSocket(origin, route, AbortSignal.any([signal, patience])), tooLate]);
      const { remoteAddress = host } = socket;
      socket.destroy();
      return found(ok(`${remoteAddress} took the connection after ${Math.round(performance.now() - started)} ms.`));
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === 'ECONNREFUSED') return found(fault('connection', 'connection_refused', { host }));
      if (!SILENT.has(reason)) return found(fault('connection', 'connection_failed', { host, reason }));
      return found(fault('connection', 'connection_unanswered', { host, seconds: PATIENCE / 1000 }));
    }
  },
};

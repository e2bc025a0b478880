import { request } from 'node:http';
import type { Socket } from 'node:net';
import { PATHS } from '#shared/api/paths.js';
import { found, known, type Check, type Outcome } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, skipped } from '../finding.js';
import { openSocket, openUnverified } from '../network/open-socket.js';

/** Seconds by which a clock may be off. */
const TOLERANCE = 60;

/** This computer's clock against the Date header (RFC 9110 §6.6.1) of what answers for the control plane. */
export const CLOCK: Check = {
  name: 'clock',
  title: 'Clock',
  needs: ['settings', 'proxy', 'dns', 'connection'],
  limit: 4_000,
  code: 'network',
  run: async ({ context }, evidence, signal) => {
    const [origin, route] = [known(evidence, 'origin'), known(evidence, 'route')];
    try {
      // Before the certificate is judged, because a wrong clock makes good certificates look bad. Nothing secret is sent.
      const socket = await (origin.protocol === 'https:' ? openUnverified : openSocket)(origin, route, signal);
      return judgeClock(await dateFrom(socket, origin), context.now().getTime());
    } catch (error) {
      if (signal.aborted) throw error;
      return found(skipped('What answers does not tell the time.'));
    }
  },
};

export function judgeClock(date: string | undefined, now: number): Outcome {
  const offset = Date.parse(date ?? '') - now;
  if (Number.isNaN(offset)) return found(skipped('What answers does not tell the time.'));
  const seconds = Math.round(Math.abs(offset) / 1000);
  const learnt = { clockOffset: offset };
  if (seconds <= TOLERANCE) return { found: [ok('It agrees with that of the control plane.')], learnt };
  const direction = offset > 0 ? 'behind' : 'ahead of';
  return { found: [fault('clock', 'clock_off', { seconds, direction })], learnt };
}

function dateFrom(socket: Socket, { host }: URL): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const asked = request({ createConnection: () => socket, path: PATHS.healthz, headers: { host } }, (response) => {
    response.destroy();
    resolve(response.headers.date);
  });
  asked.on('error', reject);
  asked.end();
  return promise;
}

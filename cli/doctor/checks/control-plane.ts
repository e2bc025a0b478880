import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { agentFor, exchange, type HttpReply } from '../../system/http.js';
import { found, known, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, type Found } from '../finding.js';

const PATIENCE = 5_000;
const METADATA = '/.well-known/oauth-authorization-server';

/** Whether what answers is a control plane, is ready, and is the one that it says. */
export const CONTROL_PLANE: Check = {
  name: 'control-plane',
  title: 'Control plane',
  needs: ['settings', 'proxy', 'dns', 'connection', 'tls'],
  limit: PATIENCE + 1_000,
  code: 'network',
  run: async ({ context }, evidence) => {
    const origin = known(evidence, 'origin');
    const agent = agentFor(origin.origin, context.env);
    const ask = (path: string): Promise<HttpReply> =>
      exchange({ method: 'GET', url: origin.origin + path, agent, timeout: PATIENCE });
    try {
      const [alive, ready, metadata] = await Promise.all([ask(PATHS.healthz), ask(PATHS.readyz), ask(METADATA)]);
      return found(judgeAnswers(origin, alive, ready, metadata));
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return found(fault('control-plane', 'unreachable', { problem: error.message, host: origin.host }));
    } finally {
      agent.destroy();
    }
  },
};

export function judgeAnswers({ host, origin }: URL, alive: HttpReply, ready: HttpReply, metadata: HttpReply): Found {
  const { status } = alive;
  if (field(alive, 'alive') !== true) {
    if (isOfAnother(alive)) return fault('control-plane', 'answered_by_another', { host, status });
    if (status >= 500) return fault('control-plane', 'control_plane_failing', { host, status });
    return fault('control-plane', 'not_a_control_plane', { host, status });
  }
  if (ready.status !== 200) {
    const reason = field(ready, 'reason');
    return fault('control-plane', 'not_ready', {
      reason: typeof reason === 'string' ? reason : `HTTP ${ready.status}`,
    });
  }
  const issuer = field(metadata, 'issuer');
  if (typeof issuer !== 'string')
    return fault('control-plane', 'not_a_control_plane', { host, status: metadata.status });
  if (issuer !== origin) return fault('control-plane', 'other_address', { host, issuer: shownAddress(issuer) });
  return ok(`It is ready, and is ${issuer}.`);
}

/** A redirect, a demand for a sign-in to the network (RFC 6585 §6), or a web page where JSON belongs. */
function isOfAnother({ status, headers }: HttpReply): boolean {
  if (status === 511 || (status >= 300 && status < 400)) return true;
  return status === 200 && (headers['content-type'] ?? '').includes('text/html');
}

/** Without user name, password, path and query: what a server says of itself may hold anything. */
function shownAddress(address: string): string {
  return URL.parse(address)?.origin ?? 'something that is no address';
}

function field({ body }: HttpReply, name: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}

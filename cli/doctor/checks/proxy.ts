import { found, known, type Check, type Outcome } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok } from '../finding.js';
import { openSocket, ProxyRefusal } from '../network/open-socket.js';
import { reasonOf } from '../network/reason.js';
import { chooseRoute, type Proxy, type Route } from '../network/route.js';

/** Which proxy leads to the control plane, who said so, and whether it connects. */
export const PROXY: Check = {
  name: 'proxy',
  title: 'Proxy',
  needs: ['settings'],
  limit: 5_000,
  code: 'network',
  run: async ({ context }, evidence, signal) => {
    const origin = known(evidence, 'origin');
    const choice = chooseRoute(origin, context.env);
    if (choice.kind === 'invalid') return found(fault('proxy', 'proxy_invalid', choice));
    if (choice.kind === 'proxy') return tryProxy(origin, choice.proxy, signal);
    const route: Route = { kind: 'direct' };
    const judged =
      choice.kind === 'ignored' ? fault('proxy', 'proxy_ignored', choice) : ok(withoutProxy(choice.exempt));
    return { found: [judged], learnt: { route } };
  },
};

function withoutProxy(exempt: string | undefined): string {
  return exempt === undefined ? 'No proxy is set.' : `NO_PROXY exempts the control plane from ${exempt}.`;
}

async function tryProxy(origin: URL, proxy: Proxy, signal: AbortSignal): Promise<Outcome> {
  const facts = { proxy: proxy.shown, variable: proxy.variable, host: origin.host };
  try {
    (await openSocket(origin, { kind: 'proxy', proxy }, signal)).destroy();
  } catch (error) {
    if (signal.aborted) throw error;
    if (!(error instanceof ProxyRefusal)) {
      return found(fault('proxy', 'proxy_unreachable', { ...facts, reason: reasonOf(error) }));
    }
    const { status } = error;
    if (status === 407) return found(fault('proxy', 'proxy_wants_password', facts));
    return found(fault('proxy', 'proxy_refuses', { ...facts, status }));
  }
  const detail =
    `${proxy.shown} (set by ${proxy.variable}) connects to ${origin.host}. ` +
    'An AI app uses it only where its own environment sets it too.';
  return { found: [ok(detail)], learnt: { route: { kind: 'proxy', proxy } } };
}

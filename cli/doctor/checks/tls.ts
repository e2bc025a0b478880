import { found, known, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, skipped, type Found } from '../finding.js';
import { readCertificate, type ShownCertificate } from '../network/certificate.js';
import { hostWithoutBrackets } from '../network/host.js';
import { openUnverified } from '../network/open-socket.js';
import { reasonOf } from '../network/reason.js';

/** Milliseconds before the end of a certificate in which it is said. */
const SOON = 14 * 24 * 60 * 60 * 1000;

/** The certificate of the control plane: whose it is, until when it is good, and whether this computer trusts it. */
export const TLS: Check = {
  name: 'tls',
  title: 'TLS',
  needs: ['settings', 'proxy', 'dns', 'connection', 'clock'],
  limit: 5_000,
  code: 'network',
  run: async ({ context }, evidence, signal) => {
    const [origin, route] = [known(evidence, 'origin'), known(evidence, 'route')];
    const { host, protocol } = origin;
    if (protocol === 'http:') return found(skipped('On this computer itself http is enough.'));
    try {
      const socket = await openUnverified(origin, route, signal);
      const shown = readCertificate(socket, hostWithoutBrackets(origin));
      socket.destroy();
      return found(judgeCertificate(shown, host, context.now().getTime(), evidence.clockOffset ?? 0));
    } catch (error) {
      if (signal.aborted) throw error;
      return found(fault('tls', 'tls_failed', { host, reason: reasonOf(error) }));
    }
  },
};

/** `now` by this computer's clock, `offset` by how much that of the server is ahead; both in ms. */
export function judgeCertificate(shown: ShownCertificate, host: string, now: number, offset: number): Found {
  const { validFrom, validTo, issuer, refusal, named, names, root, privateRoot } = shown;
  const isGoodAt = (time: number): boolean => time >= validFrom && time <= validTo;
  if (!isGoodAt(now)) {
    if (isGoodAt(now + offset)) return fault('tls', 'certificate_by_clock', { host });
    const facts = { host, issuer, date: dayOf(now > validTo ? validTo : validFrom) };
    return now > validTo ? fault('tls', 'certificate_expired', facts) : fault('tls', 'certificate_early', facts);
  }
  if (!named) return fault('tls', 'certificate_name', { host, issuer, names });
  if (refusal !== undefined) return fault('tls', 'certificate_untrusted', { host, issuer, reason: refusal });
  if (validTo - now < SOON) return fault('tls', 'certificate_ends_soon', { host, issuer, date: dayOf(validTo) });
  const whose = privateRoot ? 'an authority that only this computer’s own list has' : 'a public authority';
  return ok(`Its certificate is good until ${dayOf(validTo)}; it leads to ${root}, ${whose}.`);
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

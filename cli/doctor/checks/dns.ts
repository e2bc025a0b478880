import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { found, known, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, skipped } from '../finding.js';
import { hostWithoutBrackets } from '../network/host.js';
import { reasonOf } from '../network/reason.js';

/** Whether the control plane's name leads to an address. */
export const DNS: Check = {
  name: 'dns',
  title: 'Name (DNS)',
  needs: ['settings', 'proxy'],
  limit: 5_000,
  code: 'network',
  run: async (_scene, evidence) => {
    const host = hostWithoutBrackets(known(evidence, 'origin'));
    if (known(evidence, 'route').kind === 'proxy') return found(skipped('The proxy looks the name up.'));
    if (isIP(host) !== 0) return found(skipped(`${host} is an address, not a name.`));
    try {
      const all = await lookup(host, { all: true });
      return found(ok(`${host} is ${all.map(({ address }) => address).join(', ')}.`));
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === 'ENOTFOUND') return found(fault('dns', 'name_unknown', { host }));
      return found(fault('dns', 'name_unanswered', { host, reason }));
    }
  },
};

import { isIP } from 'node:net';
import { isLinkOrMetadata, rangeFor, ReachableAddresses } from '../egress/reachable-addresses.js';
import { valueAt, type Finding } from './key-path.js';

interface Objection {
  readonly message: string;
  readonly fix: string;
}

/**
 * An address that stands in a URL itself and that nothing is sent to. Names are judged when they are resolved, at each
 * connection; only localhost is known before. `value`: the settings, raw.
 */
export function addressObjection({ hostname }: URL, value: unknown): Objection | undefined {
  const address = addressOf(hostname);
  const reachable = new ReachableAddresses(rangesOf(value));
  if (address === undefined || reachable.permits(address)) return undefined;
  const range = hostname.endsWith('localhost') ? '127.0.0.0/8 and ::1/128' : rangeFor(address);
  const what = isLinkOrMetadata(address)
    ? `${address} belongs to a link or to a cloud’s metadata, which no range opens`
    : `${address} is a private address, and private networks are closed unless they are written down`;
  return { message: what, fix: `add ${range} to privateNetworks if the server is the company’s own` };
}

/** Ranges that would look as if they opened what they don't. */
export function networkFindings(value: unknown): Finding[] {
  return rangesOf(value).flatMap((range, index) => {
    const [network = ''] = range.split('/');
    if (!isLinkOrMetadata(network) || new ReachableAddresses([range]).permits(network)) return [];
    const message = 'addresses of a link and of a cloud’s metadata are opened one by one';
    const path = ['privateNetworks', index];
    return [{ path, at: 'value' as const, message, fix: `write the one address, for example ${rangeFor(network)}` }];
  });
}

/** A host as URL parsers give it: numbers in any notation are dotted already. */
function addressOf(hostname: string): string | undefined {
  if (/(?:^|\.)localhost\.?$/.test(hostname)) return '127.0.0.1';
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? undefined : bare;
}

/** Only what has the form of a range: the schema says the rest. */
function rangesOf(value: unknown): string[] {
  const list = valueAt(value, ['privateNetworks']);
  const ranges = Array.isArray(list) ? list.filter((range) => typeof range === 'string') : [];
  return ranges.filter((range) => {
    const [network = '', prefix = ''] = range.split('/');
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(network)] ?? -1;
    return /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
  });
}

import { CodedError } from '#shared/errors.js';
import {
  addressesIn,
  HARD_LIMIT,
  parseRange,
  UNASKED_LIMIT,
  type AddressRange,
} from '../../inventory/probe/address-range.js';
import { readHostsFile } from '../../inventory/probe/hosts-file.js';
import { schemesOf, USUAL_PATHS, USUAL_PORTS, type ProbeTarget } from '../../inventory/probe/probe-target.js';

/** What the options say of the network. */
export interface NetworkOptions {
  readonly net?: readonly string[];
  readonly hosts?: readonly string[];
  readonly ports?: string;
  readonly yes?: boolean;
}

/** The ports to ask. Throws CodedError usage | config_invalid: what is too much, and what nobody can mean. */
export async function networkTargets({
  net = [],
  hosts = [],
  ports,
  yes = false,
}: NetworkOptions): Promise<ProbeTarget[]> {
  const chosen = ports === undefined ? USUAL_PORTS : parsePorts(ports);
  const ranges = net.map(parseRange);
  requireFew(
    ranges.reduce((sum, { count }) => sum + count, 0),
    yes,
  );
  const scanned = ranges.flatMap((range) => targetsIn(range, chosen));
  const named = (await Promise.all(hosts.map((file) => readHostsFile(file, chosen)))).flat();
  requireFew(new Set(named.map(({ host }) => host)).size, yes);
  return [...scanned, ...named];
}

function targetsIn(range: AddressRange, ports: readonly number[]): ProbeTarget[] {
  return Array.from(addressesIn(range)).flatMap((host) => ports.map((port) => targetAt(host, port)));
}

function targetAt(host: string, port: number): ProbeTarget {
  return { host, port, schemes: schemesOf(port), paths: USUAL_PATHS, found: 'net', bind: null, owner: null };
}

function requireFew(count: number, yes: boolean): void {
  if (count > HARD_LIMIT) {
    throw new CodedError('usage', {
      message: `These are ${count} addresses; one run asks at most ${HARD_LIMIT}. Split them.`,
    });
  }
  if (count > UNASKED_LIMIT && !yes) {
    throw new CodedError('usage', {
      message: `These are ${count} addresses, more than ${UNASKED_LIMIT}. Add --yes if all of them are yours to ask.`,
    });
  }
}

const MOST_PORTS = 64;

function parsePorts(text: string): number[] {
  const ports = [...new Set(text.split(',').map((part) => (/^\d{1,5}$/.test(part.trim()) ? Number(part) : 0)))];
  if (ports.length <= MOST_PORTS && ports.every((port) => port >= 1 && port <= 65_535)) return ports;
  throw new CodedError('usage', { message: `--ports takes at most ${MOST_PORTS} port numbers, as 443,3000,8080.` });
}

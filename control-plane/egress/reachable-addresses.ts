import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { isPublicAddress } from './public-address.js';

/**
 * What belongs to one link, and where clouds tell a machine its own credentials (AWS, Google, Azure, Alibaba, Oracle;
 * also through NAT64, RFC 6052). No range opens them: only the one address, written down.
 */
const LINK_AND_METADATA: readonly (readonly [network: string, prefix: number])[] = [
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
  ['64:ff9b::a9fe:0', 112],
];

const linkAndMetadata = listOf(LINK_AND_METADATA.map(([network, prefix]) => `${network}/${prefix}`));

/** Which addresses the control plane may connect to for MCP servers: public ones, and those of `privateNetworks`. */
export class ReachableAddresses {
  readonly #ranges: BlockList;
  readonly #single: BlockList;

  /** @param privateNetworks ranges in CIDR form, as the settings have them. */
  constructor(privateNetworks: readonly string[]) {
    this.#ranges = listOf(privateNetworks);
    this.#single = listOf(privateNetworks.filter(isSingle));
  }

  /** @param address an IP address; anything else is refused. */
  permits(address: string): boolean {
    return this.isWrittenDown(address) || (!has(linkAndMetadata, address) && isPublicAddress(address));
  }

  /** Whether the settings themselves name it, so that it is the company's own network. */
  isWrittenDown(address: string): boolean {
    return has(has(linkAndMetadata, address) ? this.#single : this.#ranges, address);
  }
}

/** Whether only the address itself can be written down, and no range opens it. */
export function isLinkOrMetadata(address: string): boolean {
  return has(linkAndMetadata, address);
}

/** What to add to `privateNetworks` so that an address may be connected to. */
export function rangeFor(address: string): string {
  const plain = mappedIPv4(address) ?? address;
  if (isIPv4(plain)) return plain.startsWith('127.') ? '127.0.0.0/8' : `${plain}/32`;
  return `${address.replace(/%.*$/, '')}/128`;
}

/** RFC 4291 §2.5.5.2, as URL parsers write it. */
function mappedIPv4(address: string): string | undefined {
  const [, high = '', low = ''] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (low === '') return undefined;
  const bits = [high, low].map((group) => Number.parseInt(group, 16));
  return bits.flatMap((group) => [group >> 8, group & 255]).join('.');
}

function isSingle(range: string): boolean {
  return range.endsWith(range.includes(':') ? '/128' : '/32');
}

/** IPv4 addresses are found in IPv6 notation too (RFC 4291 §2.5.5.2): BlockList sees through it. */
function has(list: BlockList, address: string): boolean {
  if (isIPv4(address)) return list.check(address, 'ipv4');
  return isIPv6(address) && list.check(address, 'ipv6');
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix = ''] = range.split('/');
    list.addSubnet(network, Number(prefix), isIPv6(network) ? 'ipv6' : 'ipv4');
  }
  return list;
}

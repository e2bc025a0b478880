import { BlockList, isIP } from 'node:net';
import type { Settings } from '../config/settings.js';

/** Names of the networks of the settings that an address is in, sorted. */
export function networksOf(address: string, networks: Settings['networks']): readonly string[] {
  const plain = plainAddress(address);
  const version = isIP(plain);
  if (version === 0) return [];
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const names = Object.entries(networks).filter(([, ranges]) => listOf(ranges).check(plain, family));
  return names.map(([name]) => name).toSorted();
}

/** Without a zone (RFC 4007 §11), and an IPv4 address as such where it comes as IPv6 (RFC 4291 §2.5.5.2). */
export function plainAddress(address: string): string {
  const plain = address.replace(/%.*$/, '');
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(plain)?.[1];
  return mapped ?? plain;
}

// Kept by the list of the settings itself, which a revision never changes.
const LISTS = new WeakMap<readonly string[], BlockList>();

function listOf(ranges: readonly string[]): BlockList {
  const known = LISTS.get(ranges);
  if (known !== undefined) return known;
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix = ''] = range.split('/');
    list.addSubnet(network, Number(prefix), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  }
  LISTS.set(ranges, list);
  return list;
}

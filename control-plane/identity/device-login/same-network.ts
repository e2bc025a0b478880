import { BlockList, isIPv4, isIPv6 } from 'node:net';

const MAPPED = /^::ffff:(?=\d+\.)/i;

/** Whether two client addresses are one network to the outside: the same IPv4 address, or the same /64 of IPv6. */
export function isSameNetwork(one: string, other: string): boolean {
  const [left, right] = [one.replace(MAPPED, ''), other.replace(MAPPED, '')];
  if (isIPv4(left) || isIPv4(right)) return left === right;
  if (!isIPv6(left) || !isIPv6(right)) return false;
  const network = new BlockList();
  network.addSubnet(left, 64, 'ipv6');
  return network.check(right, 'ipv6');
}

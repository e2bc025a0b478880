import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net';

const MAPPED = /^::ffff:(?=\d+\.)/;

/** Whether two client addresses are one network to the outside: the same IPv4 address, or the same /64 of IPv6. */
export function isSameNetwork(one: string, other: string): boolean {
  const [left, right] = [plain(one), plain(other)];
  if (isIPv4(left) || isIPv4(right)) return left === right;
  if (!isIPv6(left) || !isIPv6(right)) return false;
  const network = new BlockList();
  network.addSubnet(left, 64, 'ipv6');
  return network.check(right, 'ipv6');
}

/** However a proxy spells a mapped IPv4 address: taken for IPv6, all of them would lie in one /64. */
function plain(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address.replace(MAPPED, '') : address;
}

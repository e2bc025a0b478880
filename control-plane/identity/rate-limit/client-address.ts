import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** The client's address for requests that never reach Fastify, by the rule that Fastify follows. */
export class ClientAddress {
  readonly #trusted = new BlockList();

  /** `trustedProxies` are networks in CIDR notation. */
  constructor(trustedProxies: readonly string[]) {
    for (const network of trustedProxies) {
      const [address = '', prefix] = network.split('/');
      this.#trusted.addSubnet(address, Number(prefix), familyOf(address));
    }
  }

  /** From the socket outward, the first address that is not one of our proxies. */
  of(request: IncomingMessage): string {
    const forwarded = (request.headersDistinct['x-forwarded-for'] ?? []).join(',').split(',');
    let address = request.socket.remoteAddress ?? '';
    for (const hop of forwarded.toReversed().map((entry) => entry.trim())) {
      if (!this.#trusts(address) || isIP(hop) === 0) break;
      address = hop;
    }
    return address;
  }

  #trusts(address: string): boolean {
    return isIP(address) !== 0 && this.#trusted.check(address, familyOf(address));
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

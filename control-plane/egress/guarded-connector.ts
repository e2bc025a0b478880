import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { AddressRefused } from './address-refused.js';
import { boundedLookup } from './bounded-lookup.js';

export type Resolve = (
  name: string,
  options: { readonly all: true },
  done: (error: Error | null, found: LookupAddress[]) => void,
) => void;

export interface ConnectRules {
  /** @param protocol `https:` or `http:` */
  readonly permits: (address: string, protocol: string) => boolean;
  /** Milliseconds, the name's resolution included. */
  readonly timeout: number;
  /** Certificates of authorities, PEM, instead of the usual ones. */
  readonly ca?: string | undefined;
  readonly resolve?: Resolve | undefined;
}

/**
 * Connects without being led astray (SSRF): a name is resolved once, every address it has must be permitted, and the
 * connection goes to one of these. Addresses written as such are judged alike. Fails with AddressRefused.
 */
export function guardedConnector({
  permits,
  timeout,
  ca,
  resolve = boundedLookup,
}: ConnectRules): buildConnector.connector {
  const connectorOf = (protocol: string): buildConnector.connector => {
    const judged = judgedLookup(resolve, (address) => permits(address, protocol));
    return buildConnector({ lookup: judged, timeout, allowH2: false, ...(ca === undefined ? {} : { ca }) });
  };
  const plain = connectorOf('http:');
  const encrypted = connectorOf('https:');
  return (options, done) => {
    const { hostname, protocol } = options;
    const literal = hostname.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0 && !permits(literal, protocol)) return done(new AddressRefused(literal), null);
    return (protocol === 'https:' ? encrypted : plain)(options, done);
  };
}

function judgedLookup(find: Resolve, permits: (address: string) => boolean): LookupFunction {
  return (name, { all }, done) => {
    find(name, { all: true }, (error, found) => {
      const [first] = found ?? [];
      if (error || first === undefined) return done(error ?? new Error(`${name} has no address`), '');
      const stray = found.find(({ address }) => !permits(address));
      if (stray) return done(new AddressRefused(stray.address, name), '');
      if (all === true) done(null, found);
      else done(null, first.address, first.family);
    });
  };
}

import { isIPv4, isIPv6 } from 'node:net';
import { CodedError } from '#shared/errors.js';

/** A range as it was given, and how many machines may be in it. */
export interface AddressRange {
  readonly first: bigint;
  readonly count: number;
  readonly family: 4 | 6;
}

/** More than a person means without saying so, and more than one run can finish. */
export const UNASKED_LIMIT = 4096;
export const HARD_LIMIT = 65_536;

/** `10.20.0.0/24`, `10.20.0.7`, `fd00::/120`. Throws CodedError usage. */
export function parseRange(text: string): AddressRange {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes('%') ? 6 : undefined;
  const width = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (family === undefined || rest.length > 0 || prefix < 0 || prefix > width)
    throw wrong(text, 'it is not a range like 10.20.0.0/24');
  const value = family === 4 ? ipv4Number(address) : ipv6Number(address);
  const size = 1n << BigInt(width - prefix);
  if (size > BigInt(HARD_LIMIT))
    throw wrong(text, `it has more than ${HARD_LIMIT} addresses. Give smaller ranges, one run each`);
  const start = value - (value % size);
  // The first and the last address of an IPv4 network are no machine's.
  const inner = family === 4 && prefix < 31;
  const range = { first: inner ? start + 1n : start, count: Number(size) - (inner ? 2 : 0), family } as const;
  if (isNobodys(start, family))
    throw wrong(text, 'its addresses are nobody’s: it is a multicast, broadcast or unspecified range');
  return range;
}

export function* addressesIn({ first, count, family }: AddressRange): Generator<string> {
  for (let index = 0; index < count; index += 1) yield written(first + BigInt(index), family);
}

function isNobodys(value: bigint, family: 4 | 6): boolean {
  if (family === 6) return value >> 120n === 0xffn || value === 0n;
  const first = value >> 24n;
  return first === 0n || first >= 224n;
}

function ipv4Number(address: string): bigint {
  return address.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
}

/** By way of the form of RFC 5952 that URLs have, whose only shortening is one `::`. */
function ipv6Number(address: string): bigint {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::', 2);
  const [before = [], after = []] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n);
}

function written(value: bigint, family: 4 | 6): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_unused, index) =>
    ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function wrong(text: string, why: string): CodedError {
  return new CodedError('usage', { message: `--net ${text} cannot be used: ${why}.` });
}

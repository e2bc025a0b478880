import { z } from 'zod';

/** RFC 5321 §4.5.3.1.3, without the brackets. */
export const LONGEST_ADDRESS = 254;

/** An e-mail address as browsers take it in a field for one (HTML, `input type=email`); null for anything else. */
export function emailAddressIn(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > LONGEST_ADDRESS) return null;
  return z.regexes.html5Email.test(value) ? value : null;
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

import { valueAt, type KeyPath } from './key-path.js';
import type { Surroundings } from './surroundings.js';

/** Whether the keys of a signer are known: its own `jwksUri`, or those of the provider where the issuer is the same. */
export function keysAreKnown(issuer: string, path: KeyPath, { value }: Surroundings): boolean {
  const signer = path.slice(0, -1);
  const provider = signer.slice(0, -1);
  return valueAt(value, [...signer, 'jwksUri']) !== undefined || valueAt(value, [...provider, 'issuer']) === issuer;
}

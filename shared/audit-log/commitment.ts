import { createHmac, createSecretKey } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * What a leaf says of data that must stay erasable: HMAC-SHA256 (hex) of its canonical JSON (RFC 8785) under a random
 * salt. Without the salt, which is erased with the data, it can be neither guessed nor tested.
 */
export function commitment(salt: Buffer, personal: object): string {
  return commitmentTo(salt, canonicalize(personal)!);
}

/** The same of a text that is canonical already, as receipts and exports show it. */
export function commitmentTo(salt: Buffer, canonical: string): string {
  // A key object, because Node takes four times as long with bare bytes.
  return createHmac('sha256', createSecretKey(salt)).update(canonical).digest('hex');
}

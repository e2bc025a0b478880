import canonicalize from 'canonicalize';
import type { Disclosure } from '#shared/audit-log/receipt.js';
import type { Payload } from '../search/load-payloads.js';

/** As others check it: the very bytes that the record commits to. */
export function disclosed(payload: Payload | undefined): Disclosure {
  if (payload?.state !== 'shown') return { state: payload?.state ?? 'damaged' };
  return { state: 'shown', salt: payload.salt, personal: canonicalize(payload.personal)! };
}

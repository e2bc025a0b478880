import { NO_INJECTION, type Injection } from '../injection.js';
import { headerValue } from '../secret-value.js';

/** `Authorization: Bearer …` (RFC 6750 §2.1). */
export function bearer(reference: string, secret: string): Injection {
  return {
    ...NO_INJECTION,
    reference,
    headers: { authorization: `Bearer ${headerValue(secret)}` },
    secrets: [secret],
  };
}

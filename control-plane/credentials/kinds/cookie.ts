import { NO_INJECTION, type Injection } from '../injection.js';
import { headerValue } from '../secret-value.js';

/** One cookie (RFC 6265 §4.2.1); the value has to be one that needs no quoting. */
export function cookie(reference: string, name: string, secret: string): Injection {
  const headers = { cookie: `${name}=${headerValue(secret)}` };
  return { ...NO_INJECTION, reference, headers, secrets: [secret] };
}

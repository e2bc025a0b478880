import { SecretUnreadable } from '../../config/secret-reference.js';
import { NO_INJECTION, type Injection } from '../injection.js';

/** RFC 6265 §4.1.1: neither blanks nor what ends a cookie or quotes it. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/;

/**
 * One cookie (RFC 6265 §4.2.1).
 * @throws SecretUnreadable where the value would end it, and begin another.
 */
export function cookie(reference: string, name: string, secret: string): Injection {
  if (!VALUE.test(secret)) {
    throw new SecretUnreadable(
      'the secret has characters that no cookie can carry',
      'store the value of the cookie alone, without its name and attributes',
    );
  }
  return { ...NO_INJECTION, reference, headers: { cookie: `${name}=${secret}` }, secrets: [secret] };
}

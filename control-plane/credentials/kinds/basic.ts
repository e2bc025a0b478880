import { NO_INJECTION, type Injection } from '../injection.js';

/** `Authorization: Basic …`, user name and password in UTF-8 (RFC 7617 §2.1). */
export function basic(reference: string, username: string, password: string): Injection {
  const pair = Buffer.from(`${username}:${password}`).toString('base64');
  return { ...NO_INJECTION, reference, headers: { authorization: `Basic ${pair}` }, secrets: [password, pair] };
}

import { printable } from '../system/printable.js';
import type { Account } from './token-source.js';

/** An account as people write it: `Alice Example (alice@example.com)`. */
export function accountName({ name, email, person }: Account): string {
  return printable(name && email ? `${name} (${email})` : (name ?? email ?? person));
}

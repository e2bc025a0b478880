import { NO_INJECTION, type Injection } from '../injection.js';

/** A query parameter, not yet percent-encoded: whoever builds the address encodes it. */
export function query(reference: string, name: string, secret: string): Injection {
  return { ...NO_INJECTION, reference, query: { [name]: secret }, secrets: [secret] };
}

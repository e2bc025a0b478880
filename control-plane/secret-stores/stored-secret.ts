import { SecretUnreadable } from '../config/secret-reference.js';

/** Text from somebody else's store. */
export interface StoredSecret {
  readonly value: string;
  /** Epoch milliseconds from when the store gives it no more; undefined where it says nothing of an end. */
  readonly endsAt?: number;
}

/** A field of a JSON object. Never names the value. Throws SecretUnreadable. */
export function fieldOf(data: unknown, field: string): string {
  const value: unknown =
    typeof data === 'object' && data !== null && Object.hasOwn(data, field) ? Reflect.get(data, field) : undefined;
  if (typeof value === 'string') return value;
  throw new SecretUnreadable(`the secret has no text in a field ${field}`, 'correct the name after the #', 'absent');
}

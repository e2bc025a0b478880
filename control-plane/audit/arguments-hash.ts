import { createHmac, createSecretKey } from 'node:crypto';
import canonicalize from 'canonicalize';
import { CodedError } from '#shared/errors.js';

/**
 * HMAC-SHA256 (hex) of a call's arguments in canonical JSON (RFC 8785): says whether two calls had the same arguments,
 * and can't be guessed back. What has no canonical form (half a surrogate pair) is hashed as JSON writes it.
 * Throws `params_invalid` where neither form exists.
 */
export function hashArguments(key: Buffer, args: unknown): string {
  // A key object, because Node takes four times as long with bare bytes.
  return createHmac('sha256', createSecretKey(key))
    .update(serialize(args ?? null))
    .digest('hex');
}

function serialize(args: unknown): string {
  try {
    return canonicalize(args) ?? 'null';
  } catch {
    try {
      return JSON.stringify(args);
    } catch (cause) {
      throw new CodedError('params_invalid', { message: 'The arguments cannot be written as JSON.', cause });
    }
  }
}

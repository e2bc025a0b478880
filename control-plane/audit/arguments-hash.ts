import { createHmac, createSecretKey } from 'node:crypto';
import { CodedError } from '#shared/errors.js';
import { numberText } from '#shared/mcp/exact-json.js';
import { isObject } from '#shared/mcp/json-rpc.js';

/**
 * HMAC-SHA256 (hex) of a call's arguments as JSON with sorted keys: says whether two calls had the same arguments, and
 * can't be guessed back. A number counts as it was written (`parseExactly`): `1.0` is neither `1` nor `{"rawJSON":"1.0"}`,
 * which is why this is not RFC 8785. Throws `params_invalid` for what nests too deep, several thousand levels, to be written.
 */
export function hashArguments(key: Buffer, args: unknown): string {
  // A key object, because Node takes four times as long with bare bytes.
  return createHmac('sha256', createSecretKey(key))
    .update(sortedJson(args ?? null))
    .digest('hex');
}

function sortedJson(args: unknown): string {
  try {
    return JSON.stringify(args, sortMembers);
  } catch (cause) {
    throw new CodedError('params_invalid', { message: 'The arguments cannot be written as JSON.', cause });
  }
}

function sortMembers(_key: string, value: unknown): unknown {
  if (!isObject(value) || numberText(value) !== undefined) return value;
  return Object.fromEntries(Object.entries(value).toSorted(byKey));
}

function byKey([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1;
}

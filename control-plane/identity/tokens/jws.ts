import { promisify } from 'node:util';
import { verify, type KeyObject } from 'node:crypto';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';

/** A compact JWS (RFC 7515 §7.1), taken apart and not yet verified. */
export interface ParsedJws {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  readonly signingInput: string;
  readonly signature: Buffer;
}

const MAX_LENGTH = 8192;
const PART = '[A-Za-z0-9_-]+';
const COMPACT = new RegExp(`^(${PART})\\.(${PART})\\.(${PART})$`);

/** Undefined for anything that is not three base64url parts with JSON objects in the first two. */
export function parseJws(text: string): ParsedJws | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const [, first, second, third] = COMPACT.exec(text) ?? [];
  if (first === undefined || second === undefined || third === undefined) return undefined;
  const header = parseObject(first);
  const payload = parseObject(second);
  if (!header || !payload) return undefined;
  return { header, payload, signingInput: `${first}.${second}`, signature: Buffer.from(third, 'base64url') };
}

function parseObject(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const verifyInBackground = promisify(verify);

/** ES256 only (RFC 7518 §3.4): the caller has checked `alg`, the key is never taken from an unchecked header. */
export function isSignedBy(jws: ParsedJws, key: KeyObject): boolean {
  try {
    return verify('sha256', Buffer.from(jws.signingInput), { key, dsaEncoding: 'ieee-p1363' }, jws.signature);
  } catch {
    return false;
  }
}

/** The same on libuv's threads, for what comes with every request: the event loop does not wait for it. */
export async function isSignedByInBackground(jws: ParsedJws, key: KeyObject): Promise<boolean> {
  try {
    const signed = Buffer.from(jws.signingInput);
    return await verifyInBackground('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, jws.signature);
  } catch {
    return false;
  }
}

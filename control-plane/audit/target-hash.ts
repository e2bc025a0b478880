import { createHmac, createSecretKey } from 'node:crypto';

/** Purpose of its key. */
export const TARGETS = 'audit-targets';

const HASHED = /^hmac:[0-9a-f]{64}$/;
const PLAIN = /^[\w./-]{1,128}$/;

/**
 * What stands in a header, which is kept for ever and not encrypted, for a target that a client spelled: a keyed hash
 * (HMAC-SHA256). It says which records are about the same target, and cannot be guessed back.
 */
export function targetHash(key: Buffer, target: string): string {
  return `hmac:${createHmac('sha256', createSecretKey(key)).update(target).digest('hex')}`;
}

export function isTargetHash(target: string): boolean {
  return HASHED.test(target);
}

/** A name as servers give them to tools and prompts, and MCP to methods ("Tool Names", revision 2025-11-25). */
export function isPlainName(name: string): boolean {
  return PLAIN.test(name);
}

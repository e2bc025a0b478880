import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';

/**
 * Signed notes with Ed25519 (c2sp.org/signed-note): text, a blank line, then `— NAME BASE64(key id ‖ signature)`.
 * Only what both halves need is here; signing is the control plane's.
 */
const ED25519 = 1;
const KEY_ID_BYTES = 4;
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex'); // RFC 8410 §4
const VERIFIER_KEY = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/;
const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/;

/** SHA-256(name ‖ LF ‖ algorithm ‖ public key), first four bytes. `publicKey` is the raw 32 bytes. */
export function keyId(name: string, publicKey: Buffer): Buffer {
  const hash = createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([ED25519]))
    .update(publicKey);
  return hash.digest().subarray(0, KEY_ID_BYTES);
}

/** The verifier key, as it is published: `name+id+base64(algorithm ‖ public key)`. */
export function formatVerifierKey(name: string, publicKey: Buffer): string {
  const material = Buffer.concat([Buffer.from([ED25519]), publicKey]);
  return `${name}+${keyId(name, publicKey).toString('hex')}+${material.toString('base64')}`;
}

interface VerifierKey {
  readonly name: string;
  readonly id: Buffer;
  readonly key: KeyObject;
}

function parseVerifierKey(text: string): VerifierKey | undefined {
  const match = VERIFIER_KEY.exec(text);
  if (!match) return undefined;
  const [, name = '', idHex = '', base64 = ''] = match;
  const material = Buffer.from(base64, 'base64');
  if (material.length !== 33 || material[0] !== ED25519) return undefined;
  const publicKey = material.subarray(1);
  const id = keyId(name, publicKey);
  if (id.toString('hex') !== idHex) return undefined;
  const key = createPublicKey({ key: Buffer.concat([ED25519_SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return { name, id, key };
}

/** The text of a note that carries a good signature of this verifier key; undefined for anything else. */
export function openNote(note: string, verifierKey: string): string | undefined {
  const verifier = parseVerifierKey(verifierKey);
  const split = note.lastIndexOf('\n\n');
  if (!verifier || split < 0 || !note.endsWith('\n')) return undefined;
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n');
  return lines.some((line) => isSignedBy(verifier, text, line)) ? text : undefined;
}

function isSignedBy(verifier: VerifierKey, text: string, line: string): boolean {
  const match = SIGNATURE_LINE.exec(line);
  if (match?.[1] !== verifier.name) return false;
  const blob = Buffer.from(match[2] ?? '', 'base64');
  // One signature, one spelling: no bit of a note can be changed unseen.
  if (blob.toString('base64') !== match[2]) return false;
  if (!blob.subarray(0, KEY_ID_BYTES).equals(verifier.id)) return false;
  return verify(null, Buffer.from(text), verifier.key, blob.subarray(KEY_ID_BYTES));
}

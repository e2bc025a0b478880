import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';

/**
 * Signed notes with Ed25519 (c2sp.org/signed-note): text, a blank line, then `— NAME BASE64(key id ‖ signature)`.
 * Only what both halves need is here; signing is the control plane's.
 */
const ED25519 = 1;
const KEY_ID_BYTES = 4;
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex'); // RFC 8410 §4
const VERIFIER_KEY = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/;
/** As the reference implementation has it (golang.org/x/mod/sumdb/note). */
const MOST_SIGNATURES = 100;
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

/**
 * The text of a note that this verifier key has signed, once; undefined for anything else. Lines of other keys are passed
 * over: nothing is known of them.
 */
export function openNote(note: string, verifierKey: string): string | undefined {
  const verifier = parseVerifierKey(verifierKey);
  const split = note.lastIndexOf('\n\n');
  if (!verifier || split < 0 || !note.endsWith('\n')) return undefined;
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES || !lines.every((line) => SIGNATURE_LINE.test(line))) return undefined;
  const own = lines.flatMap((line) => ownSignature(verifier, line) ?? []);
  const [signature] = own;
  if (signature === undefined || own.length > 1) return undefined;
  return verify(null, Buffer.from(text), verifier.key, signature) ? text : undefined;
}

/** The signature of a line that names this key; undefined for other keys' lines. */
function ownSignature(verifier: VerifierKey, line: string): Buffer | undefined {
  const [, name, base64 = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const blob = Buffer.from(base64, 'base64');
  if (name !== verifier.name || !blob.subarray(0, KEY_ID_BYTES).equals(verifier.id)) return undefined;
  // One signature, one spelling: another one is none.
  return blob.toString('base64') === base64 ? blob.subarray(KEY_ID_BYTES) : Buffer.alloc(0);
}

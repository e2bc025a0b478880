import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { formatCheckpoint } from '#shared/audit-log/checkpoint.js';
import type { CompactRange } from '#shared/audit-log/merkle-tree.js';
import { formatVerifierKey, keyId } from '#shared/audit-log/signed-note.js';

/** Signs checkpoints of the log named `origin` with its Ed25519 key. */
export class LogSigner {
  readonly #publicKey: Buffer;

  constructor(
    readonly origin: string,
    private readonly privateKey: KeyObject,
  ) {
    // The raw key is the last 32 bytes of its SPKI form (RFC 8410 §4).
    this.#publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-32);
  }

  get verifierKey(): string {
    return this.verifierKeyFor(this.origin);
  }

  /** The key as it is published for a note of another origin: what was signed before `publicUrl` changed. */
  verifierKeyFor(origin: string): string {
    return formatVerifierKey(origin, this.#publicKey);
  }

  /** The signed note (c2sp.org/tlog-checkpoint) of the whole range. */
  checkpoint(range: CompactRange): string {
    return this.signNote(formatCheckpoint({ origin: this.origin, size: range.size, root: range.root() }));
  }

  /** `text` ends with a newline (c2sp.org/signed-note). */
  signNote(text: string): string {
    const signature = sign(null, Buffer.from(text), this.privateKey);
    const blob = Buffer.concat([keyId(this.origin, this.#publicKey), signature]);
    return `${text}\n— ${this.origin} ${blob.toString('base64')}\n`;
  }
}

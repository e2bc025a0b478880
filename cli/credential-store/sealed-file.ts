import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CodedError } from '#shared/errors.js';

const NONCE = 12;
const TAG = 16;
const VERSION = 1;

/** First line of the file, in the clear: which kind of key opens the rest. Bound to the rest as additional data. */
interface Header {
  readonly version: number;
  readonly key: string;
}

/** Which kind of key opens these bytes; undefined where they are not a file of ours. */
export function keyKindOf(bytes: Buffer): string | undefined {
  try {
    const header = JSON.parse(bytes.subarray(0, headerEnd(bytes)).toString('utf8')) as Partial<Header>;
    return header.version === VERSION && typeof header.key === 'string' ? header.key : undefined;
  } catch {
    return undefined;
  }
}

/** `{"version":1,"key":…}\n` nonce ‖ tag ‖ AES-256-GCM ciphertext of the JSON. */
export function seal(value: unknown, key: Buffer, keyKind: string): Buffer {
  const header = Buffer.from(`${JSON.stringify({ version: VERSION, key: keyKind } satisfies Header)}\n`);
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(header);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), sealed]);
}

/** Throws CodedError credential_store where the bytes are not those that were sealed with this key. */
export function unseal(bytes: Buffer, key: Buffer, file: string): unknown {
  try {
    const start = headerEnd(bytes);
    const nonce = bytes.subarray(start, start + NONCE);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
    decipher.setAAD(bytes.subarray(0, start));
    decipher.setAuthTag(bytes.subarray(start + NONCE, start + NONCE + TAG));
    const plain = Buffer.concat([decipher.update(bytes.subarray(start + NONCE + TAG)), decipher.final()]);
    return JSON.parse(plain.toString('utf8')) as unknown;
  } catch (cause) {
    throw damaged(file, cause);
  }
}

export function damaged(file: string, cause?: unknown): CodedError {
  return new CodedError('credential_store', {
    message: `The saved sign-ins in ${file} were changed or damaged and cannot be opened. Run: mcp-sso logout --all, then mcp-sso login`,
    cause,
  });
}

function headerEnd(bytes: Buffer): number {
  return bytes.indexOf(0x0a) + 1;
}

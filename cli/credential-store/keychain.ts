import { randomBytes } from 'node:crypto';
import { CodedError } from '#shared/errors.js';
import { entry, SERVICE, type ProbeResult } from './keychain-probe.js';
import { KEY_BYTES, type KeyHolder } from './key-holder.js';
import type { Keyring } from './keyring-addon.js';

const ACCOUNT = 'saved sign-ins';
const PATIENCE = 3_000;

export interface KeychainParts {
  readonly load: () => Promise<Keyring>;
  /** Asked once, before the first use. */
  readonly probe: () => Promise<ProbeResult>;
}

/** The key in the operating system's keychain: Keychain, Credential Manager or Secret Service. */
export class Keychain implements KeyHolder {
  readonly kind = 'keychain';
  readonly place = 'the keychain of this computer';
  readonly #parts: KeychainParts;
  #probed: Promise<ProbeResult> | undefined;

  constructor(parts: KeychainParts) {
    this.#parts = parts;
  }

  /** False where this session has no keychain at all; throws where it has one that cannot be used now. */
  async present(): Promise<boolean> {
    const found = await this.#probe();
    if (found === 'missing') return false;
    if (found !== 'usable') throw unusable(found);
    return true;
  }

  async read(): Promise<Buffer | undefined> {
    const secret = await this.#use((key) => key.getPassword());
    if (secret === null) return undefined;
    const key = Buffer.from(secret, 'base64url');
    return key.length === KEY_BYTES ? key : undefined;
  }

  async create(): Promise<Buffer> {
    const key = randomBytes(KEY_BYTES);
    await this.#use((keychain) => keychain.setPassword(key.toString('base64url')));
    const kept = await this.read();
    if (!kept?.equals(key)) throw unusable('locked');
    return key;
  }

  async remove(): Promise<void> {
    await this.#use((key) => key.deletePassword());
  }

  async #use<T>(action: (key: ReturnType<typeof entry>) => Promise<T>): Promise<T> {
    const found = await this.#probe();
    if (found !== 'usable') throw unusable(found);
    const keyring = await this.#parts.load();
    try {
      return await withinPatience(action(entry(keyring, ACCOUNT)));
    } catch (error) {
      if (error instanceof CodedError) throw error;
      throw unusable('locked', error);
    }
  }

  #probe(): Promise<ProbeResult> {
    this.#probed ??= this.#parts.probe().then((found) => {
      // What a person can mend is asked again next time.
      if (found !== 'usable') this.#probed = undefined;
      return found;
    });
    return this.#probed;
  }
}

async function withinPatience<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(unusable('hanging')), PATIENCE);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function unusable(found: ProbeResult, cause?: unknown): CodedError {
  const what = {
    missing: `There is no keychain in this session (${SERVICE} looks for a Secret Service on D-Bus).`,
    locked: 'The keychain of this computer is locked. Unlock it, then try again.',
    hanging: 'The keychain of this computer did not answer within 2 seconds. Unlock it if it asks, then try again.',
    usable: 'The keychain of this computer failed.',
  }[found];
  const otherwise = 'Or keep the key in a file that only you can read: mcp-sso login --credential-store file';
  return new CodedError('credential_store', { message: `${what} ${otherwise}`, cause });
}

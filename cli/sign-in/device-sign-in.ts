import type { CredentialStore } from '../credential-store/credential-store.js';
import { startDeviceAuthorization } from './device-authorization.js';
import type { AuthorizationParts } from './oauth-client.js';
import { SingleSignIn, type Run, type SingleSignInParts, type Way } from './single-sign-in.js';
import { watchStore } from './store-watch.js';
import type { Account, SignIn, SignInStart } from './token-source.js';

/** The life of a code. */
const PERSON_TIMEOUT = 10 * 60 * 1000;

export type DeviceSignInParts = AuthorizationParts & SingleSignInParts;

/** Sign-in by a code that the person types into a browser anywhere: for computers that can show none. */
export class DeviceSignIn implements SignIn {
  readonly startsByItself = false;
  readonly #parts: DeviceSignInParts;
  readonly #single: SingleSignIn;

  constructor(parts: DeviceSignInParts) {
    this.#parts = parts;
    this.#single = new SingleSignIn(parts, PERSON_TIMEOUT, { name: 'device', start: this.#run.bind(this) });
  }

  /** Throws CodedError device_login_off where the control plane offers none. */
  async begin(): Promise<SignInStart> {
    const { shown, completed } = await this.#single.begin();
    return { ...shown, opened: false, completed };
  }

  async signedIn(): Promise<Account | undefined> {
    return (await (await this.#parts.store()).read(this.#parts.slot))?.account;
  }

  onSignedIn(listener: () => void): () => void {
    return watchStore(this.#parts.store, this.#parts.slot, listener);
  }

  async #run(store: CredentialStore, announce: Parameters<Way['start']>[1]): Promise<Run> {
    const authorization = await startDeviceAuthorization(this.#parts);
    const shown = { url: authorization.url, code: authorization.code };
    await announce(shown);
    const complete = async (): Promise<Account> => {
      const signIn = await authorization.redeem();
      await store.put(this.#parts.slot, signIn);
      return signIn.account;
    };
    return { shown, completed: complete() };
  }
}

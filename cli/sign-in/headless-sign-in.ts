import { CodedError } from '#shared/errors.js';
import type { BrowserSignIn } from './browser-sign-in.js';
import type { DeviceSignIn } from './device-sign-in.js';
import type { Account, SignIn, SignInStart } from './token-source.js';

/** Where no browser can be shown: by a code; and where that is switched off, by an address to open on this computer. */
export class HeadlessSignIn implements SignIn {
  readonly startsByItself = false;

  constructor(
    private readonly device: DeviceSignIn,
    private readonly browser: BrowserSignIn,
  ) {}

  async begin(options: { openBrowser: boolean; force?: boolean }): Promise<SignInStart> {
    try {
      return await this.device.begin();
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'device_login_off')) throw error;
      return this.browser.begin({ ...options, openBrowser: false });
    }
  }

  signedIn(): Promise<Account | undefined> {
    return this.device.signedIn();
  }

  onSignedIn(listener: () => void): () => void {
    return this.device.onSignedIn(listener);
  }
}
